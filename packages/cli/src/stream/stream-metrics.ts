import { counter, createHostCheck, exposeCounter, exposeGauges } from "@oddflow/edge-service";
import { OddflowError } from "@oddflow/preprocessing";
import { type HttpServer, listen } from "../http-server.ts";
import { findListeningPlace } from "../listening-place.ts";
import type { FlowCounts } from "../pipe/piece-scorer.ts";

/** So long after the last answer of a broker a stream is said to be unwell, in milliseconds. */
const UNWELL_AFTER = 30_000;

/** What a stream counts, for Prometheus. */
export class StreamMetrics {
  readonly #flows = counter();
  readonly #alerts = counter();
  readonly #missing = counter();
  readonly #unseen = counter();
  readonly #written = counter();
  readonly #putAside = counter();
  readonly #restarts = counter();
  #lag: ReadonlyMap<number, bigint> = new Map();
  #heardAt = 0;

  constructor() {
    const all = [this.#flows, this.#alerts, this.#missing, this.#written, this.#putAside, this.#restarts];
    for (const each of all) each.add(0);
  }

  addScored({ flows, alerts, missing, unseen }: FlowCounts): void {
    this.#flows.add(flows);
    this.#alerts.add(alerts);
    this.#missing.add(missing);
    for (const [column, count] of unseen) this.#unseen.add(count, { column });
  }

  addWritten({ scored, putAside }: { readonly scored: number; readonly putAside: number }): void {
    this.#written.add(scored);
    this.#putAside.add(putAside);
  }

  addRestart(): void {
    this.#restarts.add(1);
  }

  setLag(lag: ReadonlyMap<number, bigint>): void {
    this.#lag = lag;
    this.#heardAt = Date.now();
  }

  /**
   * Answers /metrics and /healthz.
   * @param text `HOST:PORT`; an IPv6 address in brackets
   * @returns ends it
   * @throws OddflowError USAGE, OPTION_RANGE
   */
  async listen(text: string): Promise<() => Promise<void>> {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
    const host = bracketed ?? plain;
    if (host === undefined)
      throw new OddflowError("USAGE", `--metrics ${text}: expected HOST:PORT, such as 127.0.0.1:9464`);
    // What it tells are counts; whoever may reach the port may read them.
    const place = await findListeningPlace(
      { host, port: Number(port), allowHost: undefined, allowAnonymous: true },
      undefined,
    );
    const isOwn = createHostCheck(place.hosts);
    const server: HttpServer = await listen(async (request, connection) => {
      const { host: asked, pathname } = new URL(request.url);
      if (!isOwn(asked, connection?.localAddress)) return answer(421, "another host is asked for\n");
      if (pathname === "/metrics") return answer(200, this.#expose());
      if (pathname !== "/healthz") return answer(404, "there are /metrics and /healthz\n");
      const isWell = Date.now() - this.#heardAt < UNWELL_AFTER;
      return isWell ? answer(200, "ok\n") : answer(503, "no broker has answered for 30 s\n");
    }, place);
    return () => server.close();
  }

  #expose(): string {
    return [
      exposeCounter("oddflow_flows_total", "Flows that were scored.", this.#flows),
      exposeCounter("oddflow_alerts_total", "Flows whose score reached the threshold.", this.#alerts),
      exposeCounter(
        "oddflow_missing_values_total",
        "Values that were absent, blank or not finite.",
        this.#missing,
      ),
      exposeCounter(
        "oddflow_unseen_categories_total",
        "Values that a column's vocabulary lacks.",
        this.#unseen,
      ),
      exposeCounter("oddflow_records_written_total", "Scored records that brokers have.", this.#written),
      exposeCounter(
        "oddflow_dead_letters_total",
        "Records that could not be scored and were put aside.",
        this.#putAside,
      ),
      exposeCounter(
        "oddflow_stream_restarts_total",
        "Times that the stream began anew from what is committed.",
        this.#restarts,
      ),
      exposeGauges(
        "oddflow_consumer_lag_records",
        "Records that wait in a partition that this member reads.",
        [...this.#lag].map(([partition, lag]) => [{ partition: String(partition) }, Number(lag)] as const),
      ),
    ].join("");
  }
}

function answer(status: number, text: string): Response {
  const type = "text/plain; version=0.0.4; charset=utf-8";
  return new Response(text, { status, headers: { "content-type": type, "cache-control": "no-store" } });
}
