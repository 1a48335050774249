import { mutateBytes } from "./byte-mutations.ts";
import type { Choices } from "./seeded-choices.ts";
import { mutateText } from "./text-mutations.ts";

/** Bodies that the service takes, unchanged. */
export interface Bodies {
  readonly csv: Uint8Array;
  readonly ndjson: Uint8Array;
  readonly json: Uint8Array;
}

const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson", json: "application/json" } as const;
const PATHS = [
  "/score",
  "/score",
  "/score",
  "/score",
  "/score",
  "/model",
  "/metrics",
  "/healthz",
  "/nowhere",
  "//score",
];
const QUERIES = [
  "",
  "",
  "",
  "?reasons=2",
  "?top=3",
  "?top=1e9",
  "?threshold=nan",
  "?reasons=-1",
  "?budget=0",
  "?%00=%ff",
];
const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ["accept", "text/csv"],
  ["accept", "application/json;q=0, */*"],
  ["accept", ",;=,".repeat(500)],
  ["content-encoding", "gzip"],
  ["content-encoding", "br, gzip"],
  ["content-length", "-1"],
  ["content-length", "99999999999999999999"],
  ["content-type", "application/json; charset=utf-16"],
  ["content-type", "application/json; charset=\u00ff"],
  ["content-type", "multipart/form-data; boundary=x"],
  ["content-type", ";"],
  ["authorization", "Bearer "],
  ["expect", "100-continue"],
  ["host", "evil.example"],
  ["x-long", "x".repeat(20_000)],
];

/** A request whose body is changed, and now and then its headers, path, query, or the pieces in which the body comes. */
export function mutateRequest(bodies: Bodies, choices: Choices): Request {
  const kind = choices.of(["csv", "ndjson", "json"] as const);
  const body =
    choices.below(3) === 0 ? mutateBytes(bodies[kind], choices) : mutateText(bodies[kind], choices);
  const headers = new Headers({
    "content-type": TYPES[choices.below(10) === 0 ? choices.of(["csv", "ndjson", "json"] as const) : kind],
  });
  if (choices.below(3) === 0) {
    const [name, value] = choices.of(ODD_HEADERS);
    headers.set(name, value);
  }
  const url = `http://127.0.0.1${choices.of(PATHS)}${choices.of(QUERIES)}`;
  const method = choices.below(20) === 0 ? choices.of(["GET", "PUT", "DELETE", "OPTIONS"]) : "POST";
  if (method === "GET") return new Request(url, { method, headers });
  const pieces = choices.below(2) === 0 ? [body] : cut(body, choices);
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  const asked: RequestInit & { readonly duplex: "half" } = { method, headers, body: stream, duplex: "half" };
  return new Request(url, asked);
}

function cut(body: Buffer, choices: Choices): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 1 + choices.below(Math.max(1, Math.ceil(body.length / 3)));
    pieces.push(body.subarray(at, end));
    at = end;
  }
  return pieces;
}
