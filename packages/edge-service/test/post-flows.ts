import { fileURLToPath } from "node:url";
import { createScoringService, type ScoringService, type ScoringServiceOptions } from "@oddflow/edge-service";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { afterAll } from "vitest";

const MODEL = fileURLToPath(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));

export const NDJSON = "application/x-ndjson";
export const JSON_ARRAY = "application/json";

/** Flows with something odd about most of them. */
export const FLOWS: readonly Record<string, unknown>[] = [
  {
    protocol: "tcp",
    state: "FIN",
    service: "ssh",
    dur: 58,
    sbytes: 94_000_000,
    dbytes: 310_000,
    sttl: 31,
    dttl: 29,
  },
  {
    protocol: "udp",
    service: "dns",
    dur: 0.001,
    sbytes: 146,
    dbytes: 178,
    note: 'a "quoted", note \\ with é and 𝄞',
  },
  { protocol: "gopher", dur: " 0.25 ", sbytes: "1e3", sload: "nan", dload: "-", stcpb: 4_294_967_295 },
  {
    protocol: null,
    dur: 0.978291,
    ct_state_ttl: 1,
    is_ftp_login: true,
    nested: { a: [1, { b: "}]" }] },
  },
  { dur: 1e39, sbytes: -1e300, sjit: 4233.65185546875, protocol: "t\u0063p" },
  {},
];

/** The scorer of the shipped model; closed when the tests of the file are over. */
export async function openShippedModel(): Promise<Scorer> {
  const scorer = await createScorer(MODEL, { provider: "cpu", threads: 1 });
  afterAll(() => scorer.close());
  return scorer;
}

export function serviceOf(scorer: Scorer | Promise<Scorer>, options?: ScoringServiceOptions): ScoringService {
  return createScoringService(scorer, options);
}

export interface Post {
  readonly type?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function scoreRequest(
  body: RequestInit["body"] | Uint8Array,
  { type = NDJSON, query = "", headers = {} }: Post = {},
): Request {
  const init = { method: "POST", body, headers: { "content-type": type, ...headers }, duplex: "half" };
  return new Request(`http://service/score${query}`, init as RequestInit);
}

export function post(
  service: ScoringService,
  body: RequestInit["body"] | Uint8Array,
  options?: Post,
): Promise<Response> {
  return service.fetch(scoreRequest(body, options));
}

export function toLines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** The answers of a response, whichever its type. */
export async function answersOf(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  if (response.headers.get("content-type") === JSON_ARRAY) return JSON.parse(text);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A body of pieces, each sent when the one before has been taken. */
export function inPieces(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream(
    {
      pull(controller) {
        const piece = pieces[next++];
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}
