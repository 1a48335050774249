import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Scorer, Scores } from "@oddflow/inference";
import { type FlowRecord, OddflowError } from "@oddflow/preprocessing";
import type { ScoreTableSummary } from "./score-table.ts";
import { topColumns } from "./top-columns.ts";

export interface ScoreStreamOptions {
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** The fields of the input that are written again. */
  readonly fields: "all" | "none" | { readonly except: readonly string[] };
  readonly signal?: AbortSignal;
}

/**
 * Scores JSON lines as they come and writes JSON lines: what came in one piece is scored and written at once, so a
 * slow stream is not held up. Blank lines are passed over.
 * @throws OddflowError RECORD_INVALID for a line that is no JSON object, VALUE_NOT_A_NUMBER for a value that cannot be
 * used; the message names the line. What came before it has been written.
 */
export async function scoreStream(
  input: Readable,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
): Promise<Omit<ScoreTableSummary, "oddest">> {
  const summary = { flows: 0, alerts: 0, missing: 0, unseen: new Map<string, number>() };
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let line = 0;

  const scoreLines = async (text: string): Promise<void> => {
    const records: FlowRecord[] = [];
    const lines: number[] = [];
    for (const item of text.split("\n")) {
      line++;
      if (item.trim() === "") continue;
      records.push(parseLine(item, line));
      lines.push(line);
    }
    if (records.length === 0) return;
    const { scores, errors, report } = await score(scorer, records, options.top > 0, lines);
    const width = scorer.columns.length;
    const top = new Int16Array(records.length * options.top);
    if (errors) topColumns(errors, width, options.top, top);
    let written = "";
    records.forEach((record, row) => {
      const rowScore = scores[row] ?? Number.NaN;
      const isAnomaly = rowScore >= options.threshold;
      if (isAnomaly) summary.alerts++;
      const names = [...top.subarray(row * options.top, (row + 1) * options.top)]
        .filter((column) => column >= 0)
        .map((column) => scorer.columns[column]?.name);
      const fields = pick(record, options.fields);
      const probability = scorer.thresholds.shareAbove(rowScore);
      const scored = { ...fields, score: rowScore, is_anomaly: isAnomaly, probability };
      written += `${JSON.stringify(options.top > 0 ? { ...scored, top_columns: names } : scored)}\n`;
    });
    summary.flows += records.length;
    summary.missing += report?.missing ?? 0;
    for (const [column, count] of report?.unseen ?? []) {
      summary.unseen.set(column, (summary.unseen.get(column) ?? 0) + count);
    }
    if (!output.write(written)) await once(output, "drain");
  };

  for await (const chunk of input) {
    options.signal?.throwIfAborted();
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    rest = text.slice(end + 1);
    if (end >= 0) await scoreLines(text.slice(0, end));
  }
  rest += decoder.decode();
  if (rest !== "") await scoreLines(rest);
  return summary;
}

function parseLine(text: string, line: number): FlowRecord {
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

async function score(
  scorer: Scorer,
  records: readonly FlowRecord[],
  errors: boolean,
  lines: readonly number[],
): Promise<Scores> {
  try {
    return await scorer.score(records, { errors });
  } catch (error) {
    if (!(error instanceof OddflowError) || error.row === undefined) throw error;
    const place = `score: line ${lines[error.row]} of standard input`;
    throw new OddflowError(error.code, error.message.replace(/^encode records: record [0-9]+/, place));
  }
}

function pick(record: FlowRecord, fields: ScoreStreamOptions["fields"]): FlowRecord {
  if (fields === "all") return record;
  if (fields === "none") return {};
  return Object.fromEntries(Object.entries(record).filter(([name]) => !fields.except.includes(name)));
}
