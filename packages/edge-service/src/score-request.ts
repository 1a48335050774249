import type { ScorerDescription } from "@oddflow/inference";
import { tooLarge } from "./body-source.ts";
import { CsvReader } from "./csv-reader.ts";
import { JsonArrayReader } from "./json-array-reader.ts";
import type { ServiceLimits } from "./limits.ts";
import { NdjsonReader } from "./ndjson-reader.ts";
import { Problem } from "./problem.ts";
import type { RecordReader, RecordReaderOptions } from "./record-reader.ts";

/** How a body writes its records. */
export type BodyFormat = "json" | "ndjson" | "csv" | "tsv";

/** How an answer is written. */
export type AnswerFormat = "json" | "ndjson";

export const BODY_TYPES: ReadonlyMap<string, BodyFormat> = new Map([
  ["application/json", "json"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
  ["application/jsonl", "ndjson"],
  ["application/x-jsonlines", "ndjson"],
  ["text/csv", "csv"],
  ["text/tab-separated-values", "tsv"],
]);

export const ANSWER_TYPES: Readonly<Record<AnswerFormat, string>> = {
  json: "application/json",
  ndjson: "application/x-ndjson",
};

/** What a request for scores asks for. */
export interface ScoreQuery {
  readonly body: BodyFormat;
  readonly answer: AnswerFormat;
  readonly threshold: number;
  /** Reasons for each anomaly; 0 for none. */
  readonly reasons: number;
  /** Whether a CSV header may lack columns of the model, whose values are missing then. */
  readonly takesMissing: boolean;
}

const QUERY = ["threshold", "budget", "reasons", "missing"];

/**
 * Reads what is asked from the headers and the query of a request.
 * @param threshold what holds where the request names none
 * @throws Problem wrong-query, unsupported-type, not-acceptable, too-large
 */
export function readScoreRequest(
  request: Request,
  scorer: ScorerDescription,
  threshold: number,
  { bodyBytes }: ServiceLimits,
): ScoreQuery {
  const query = readQuery(new URL(request.url).searchParams);
  const body = readBodyFormat(request.headers);
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > bodyBytes) throw tooLarge(bodyBytes);
  const reasons = readNumber(
    query,
    "reasons",
    "a whole number from 0 to the model's number of columns",
    (value) => {
      return Number.isInteger(value) && value >= 0 && value <= scorer.columns.length;
    },
  );
  const budget = readNumber(query, "budget", "a share from 0 to 1", (value) => value >= 0 && value <= 1);
  const asked = readNumber(query, "threshold", "a number", Number.isFinite);
  if (budget !== undefined && asked !== undefined) {
    throw new Problem("wrong-query", "both budget and threshold are given; give one");
  }
  const missing = query.get("missing");
  if (missing !== undefined && missing !== "allow") {
    throw new Problem("wrong-query", `missing is "${missing}"; expected "allow"`);
  }
  if (missing !== undefined && (body === "json" || body === "ndjson")) {
    throw new Problem(
      "wrong-query",
      "missing is for CSV: a JSON record may lack any column but all; leave it out",
    );
  }
  return {
    body,
    takesMissing: missing !== undefined,
    answer: readAnswerFormat(request.headers.get("accept"), body === "json" ? "json" : "ndjson"),
    threshold: asked ?? (budget === undefined ? threshold : scorer.thresholds.forBudget(budget)),
    reasons: reasons ?? 0,
  };
}

export function openReader(format: BodyFormat, options: RecordReaderOptions): RecordReader {
  if (format === "json") return new JsonArrayReader(options);
  if (format === "ndjson") return new NdjsonReader(options);
  return new CsvReader(options, format === "tsv");
}

function readQuery(parameters: URLSearchParams): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (!QUERY.includes(name))
      throw new Problem("wrong-query", `there is no "${name}"; there are ${QUERY.join(", ")}`);
    if (query.has(name)) throw new Problem("wrong-query", `${name} is given twice; give it once`);
    query.set(name, value);
  }
  return query;
}

function readNumber(
  query: ReadonlyMap<string, string>,
  name: string,
  expected: string,
  isGood: (value: number) => boolean,
): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && isGood(value)) return value;
  throw new Problem("wrong-query", `${name} is "${text}"; expected ${expected}`);
}

function readBodyFormat(headers: Headers): BodyFormat {
  const given = headers.get("content-type") ?? "";
  const [type = "", ...parameters] = given.split(";").map((field) => field.trim().toLowerCase());
  const format = BODY_TYPES.get(type);
  const accepted = [...BODY_TYPES.keys()].join(", ");
  if (format === undefined) {
    throw new Problem("unsupported-type", `the content type is "${given}"; expected one of ${accepted}`, {
      headers: { "accept-post": accepted },
    });
  }
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new Problem("unsupported-type", `the body's ${charset} cannot be read; send UTF-8`);
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new Problem(
      "unsupported-type",
      `the body's encoding ${encoding} cannot be read; send it as it is`,
      {
        headers: { "accept-encoding": "identity" },
      },
    );
  }
  return format;
}

/** The format that is accepted, the one that is usual for the body before the other. */
function readAnswerFormat(accept: string | null, usual: AnswerFormat): AnswerFormat {
  const ranges = (accept ?? "*/*").split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((field) => field.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) };
  });
  const qualityOf = (format: AnswerFormat): number => {
    const type = ANSWER_TYPES[format];
    const matching = [type, "application/*", "*/*"].map((range) =>
      ranges.find((each) => each.type === range),
    );
    return matching.find((each) => each !== undefined)?.quality ?? 0;
  };
  const other: AnswerFormat = usual === "json" ? "ndjson" : "json";
  const best = qualityOf(other) > qualityOf(usual) ? other : usual;
  if (qualityOf(best) > 0) return best;
  throw new Problem("not-acceptable", `answers are ${Object.values(ANSWER_TYPES).join(" or ")}`);
}
