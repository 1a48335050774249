import {
  counter,
  exposeCounter,
  exposeGauges,
  type MeasuredModel,
  ScoringMetrics,
} from "@oddflow/edge-service";
import type { ContextCounts } from "@oddflow/preprocessing";

/** So long after the last answer of a broker a stream is said to be unwell, in milliseconds. */
const UNWELL_AFTER = 30_000;

/** What a stream counts, for Prometheus. */
export class StreamMetrics extends ScoringMetrics {
  readonly #topic: string;
  readonly #written = counter();
  readonly #deadLetters = counter();
  /** By what they are, in words. */
  readonly #leftOut = counter();
  readonly #restarts = counter();
  #lag: ReadonlyMap<number, number> = new Map();
  #heardAt: number | undefined;

  /** @param topic what is read */
  constructor(topic: string) {
    super();
    this.#topic = topic;
    for (const each of [this.#written, this.#deadLetters, this.#restarts]) each.add(0);
  }

  /** "ok" while brokers answer, or what is wrong. */
  get health(): string {
    if (this.#heardAt === undefined) return "no broker has answered yet";
    const isWell = performance.now() - this.#heardAt < UNWELL_AFTER;
    return isWell ? "ok" : `no broker has answered for ${UNWELL_AFTER / 1000} s`;
  }

  /** Records that brokers have: scored ones, and those that were put aside. */
  addWritten({ scored, putAside }: { readonly scored: number; readonly putAside: number }): void {
    this.#written.add(scored);
    this.#deadLetters.add(putAside);
  }

  /** A record that is another report of a sensor's. @param what in words */
  addLeftOut(what: string): void {
    this.#leftOut.add(1, { what });
  }

  addRestart(): void {
    this.#restarts.add(1);
  }

  /** Brokers have answered. @param lag records that wait, by partition, of those that are this member's */
  setLag(lag: ReadonlyMap<number, number>): void {
    this.#lag = lag;
    this.#heardAt = performance.now();
  }

  /** @param context what a model that sees flows in their context has met */
  expose(context: Readonly<ContextCounts> | undefined, model: MeasuredModel | undefined): string {
    const lag = [...this.#lag].map(
      ([partition, records]) => [{ topic: this.#topic, partition: String(partition) }, records] as const,
    );
    return [
      this.exposeScoring(context, model),
      exposeCounter("oddflow_records_written_total", "Scored records that brokers have.", this.#written),
      exposeCounter(
        "oddflow_dead_letters_total",
        "Records that could not be scored and were put aside.",
        this.#deadLetters,
      ),
      exposeCounter(
        "oddflow_left_out_records_total",
        "Records that are other reports of a sensor's than flows.",
        this.#leftOut,
      ),
      exposeCounter(
        "oddflow_stream_restarts_total",
        "Times that the stream began anew from what is committed.",
        this.#restarts,
      ),
      exposeGauges(
        "oddflow_consumer_lag_records",
        "Records that wait in a partition that this member reads.",
        lag,
      ),
    ].join("");
  }
}
