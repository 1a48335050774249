import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import {
  type AnomalyReasons,
  anomalyReasons,
  type Scorer,
  type Scores,
  topColumns,
} from "@oddflow/inference";
import { type FlowRecord, OddflowError } from "@oddflow/preprocessing";
import type { ScoreTableSummary } from "./score-table.ts";

export interface ScoreStreamOptions {
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** How many reasons to give for each anomaly; none where it is absent. */
  readonly reasons?: number;
  /** The fields of the input that are written again. */
  readonly fields: "all" | "none" | { readonly except: readonly string[] };
}

/** A flow record is some hundred bytes; a line that reaches this is no flow record. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** A line of the input. */
interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly record: FlowRecord;
}

/**
 * Scores JSON lines as they come and writes JSON lines: what came in one piece is scored and written at once, so a
 * slow stream is not held up. Blank lines are passed over. It ends early, without an error, when nobody reads the output.
 * @throws OddflowError RECORD_INVALID for a line that is no JSON object, VALUE_NOT_A_NUMBER for a value that cannot be
 * used; the message names the line, and what came before it has been written. COLUMNS_MISSING when the first records have
 * none of the model's columns.
 */
export async function scoreStream(
  input: Readable,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
): Promise<Omit<ScoreTableSummary, "oddest">> {
  const summary = { flows: 0, alerts: 0, missing: 0, unseen: new Map<string, number>() };
  const scoreLines = async (lines: readonly Line[]): Promise<void> => {
    if (lines.length === 0) return;
    if (summary.flows === 0) checkAnyColumn(lines, scorer);
    const scored = await scoreRecords(scorer, lines, options.top > 0).catch(async (error: unknown) => {
      if (error instanceof OddflowError && error.row !== undefined)
        await scoreLines(lines.slice(0, error.row));
      throw atLine(error, lines);
    });
    summary.flows += lines.length;
    summary.alerts += scored.scores.filter((score) => score >= options.threshold).length;
    summary.missing += scored.report?.missing ?? 0;
    for (const [column, count] of scored.report?.unseen ?? []) {
      summary.unseen.set(column, (summary.unseen.get(column) ?? 0) + count);
    }
    const isAnomaly = (row: number): boolean => (scored.scores[row] as number) >= options.threshold;
    const records = lines.map(({ record }) => record);
    const reasons = options.reasons
      ? await anomalyReasons(scorer, records, isAnomaly, options.reasons)
      : undefined;
    await write(output, formatLines(lines, scored, reasons, scorer, options));
  };
  for await (const texts of linesOf(input)) {
    const lines: Line[] = [];
    let problem: unknown;
    try {
      for (const { number, text } of texts) lines.push({ number, text, record: parseRecord(text, number) });
    } catch (error) {
      problem = error;
    }
    await scoreLines(lines);
    if (problem !== undefined) throw problem;
    if (output.destroyed) break;
  }
  return summary;
}

/** The lines that each piece of input ends, blank ones left out. */
async function* linesOf(input: Readable): AsyncGenerator<{ number: number; text: string }[]> {
  const decoder = new TextDecoder("utf-8");
  let pieces: string[] = [];
  let length = 0;
  let number = 0;
  const split = (text: string): { number: number; text: string }[] =>
    text
      .split("\n")
      .map((line) => ({ number: ++number, text: line }))
      .filter((line) => line.text.trim() !== "");
  for await (const chunk of input) {
    const text = decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    if (end >= 0) {
      yield split(pieces.join("") + text.slice(0, end));
      pieces = [];
      length = 0;
    }
    pieces.push(text.slice(end + 1));
    length += text.length - end - 1;
    if (length > LONGEST_LINE) {
      throw new OddflowError(
        "RECORD_INVALID",
        `score: line ${number + 1} of standard input is longer than ${LONGEST_LINE} characters; expected one flow a line`,
      );
    }
  }
  const rest = pieces.join("") + decoder.decode();
  if (rest.trim() !== "") yield split(rest);
}

function parseRecord(text: string, line: number): FlowRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const shown = text.trim().slice(0, 40);
    throw new OddflowError("RECORD_INVALID", `score: line ${line} of standard input is no JSON: ${shown}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OddflowError("RECORD_INVALID", `score: line ${line} of standard input is no JSON object`);
  }
  return { ...value };
}

function checkAnyColumn(lines: readonly Line[], { columns }: Scorer): void {
  if (lines.some(({ record }) => columns.some(({ name }) => Object.hasOwn(record, name)))) return;
  const found = Object.keys(lines[0]?.record ?? {}).slice(0, 8);
  throw new OddflowError(
    "COLUMNS_MISSING",
    `score: the records on standard input have none of the model's ${columns.length} columns (they have ${found.join(", ") || "none"}; ` +
      `the model needs ${columns.map(({ name }) => name).join(", ")}); use a model for these flows`,
  );
}

async function scoreRecords(scorer: Scorer, lines: readonly Line[], errors: boolean): Promise<Scores> {
  return scorer.score(
    lines.map(({ record }) => record),
    { errors },
  );
}

/** Says the line of standard input in place of the record's place in the call. */
function atLine(error: unknown, lines: readonly Line[]): unknown {
  if (!(error instanceof OddflowError) || error.row === undefined) return error;
  const place = `score: line ${lines[error.row]?.number} of standard input`;
  return new OddflowError(error.code, error.message.replace(/^encode records: record [0-9]+/, place));
}

function formatLines(
  lines: readonly Line[],
  { scores, errors }: Scores,
  reasons: readonly AnomalyReasons[] | undefined,
  scorer: Scorer,
  { threshold, top, fields }: ScoreStreamOptions,
): string {
  const places = new Int16Array(lines.length * top);
  if (errors) topColumns(errors, scorer.columns.length, top, places);
  let written = "";
  lines.forEach((line, row) => {
    const score = scores[row] as number;
    const names = [...places.subarray(row * top, (row + 1) * top)]
      .filter((column) => column >= 0)
      .map((column) => scorer.columns[column]?.name);
    const added = {
      score,
      is_anomaly: score >= threshold,
      probability: scorer.thresholds.shareAbove(score),
      ...(top > 0 ? { top_columns: names } : {}),
      ...(reasons ? { reasons: reasons[row] } : {}),
    };
    written += `${withFields(line, fields, added)}\n`;
  });
  return written;
}

/** Adds fields to a line. Where all of its own stay, its text does: JavaScript's numbers would change a 64-bit id. */
function withFields({ text, record }: Line, fields: ScoreStreamOptions["fields"], added: object): string {
  const names = Object.keys(record);
  if (fields === "all" && names.length > 0 && !Object.keys(added).some((name) => names.includes(name))) {
    return `${text.trim().slice(0, -1).trimEnd()},${JSON.stringify(added).slice(1)}`;
  }
  const isKept = (name: string): boolean =>
    fields === "all" || (fields !== "none" && !fields.except.includes(name));
  const kept = Object.entries(record).filter(([name]) => isKept(name) && !(name in added));
  return JSON.stringify({ ...Object.fromEntries(kept), ...added });
}

async function write(output: Writable, text: string): Promise<void> {
  if (output.destroyed || output.write(text)) return;
  try {
    await once(output, "drain");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}
