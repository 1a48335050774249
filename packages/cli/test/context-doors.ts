import { PassThrough, Readable } from "node:stream";
import type { ScoringService } from "@oddflow/edge-service";
import type { Scorer } from "@oddflow/inference/node";
import { type Table, tableFromIPC, tableFromJSON, tableToIPC } from "apache-arrow";
import { readTable } from "../../workbench/src/reading/index.ts";
import { encodeColumns } from "../../workbench/src/scoring/encode-columns.ts";
import type { LiveContext } from "../src/live-context.ts";
import type { StreamModel } from "../src/pipe/stream-scoring.ts";
import { scoreArrow } from "../src/score-arrow.ts";
import { scoreStream } from "../src/score-stream.ts";
import type { ScanFlow } from "./scan-flows.ts";

/** What a service answers to records as JSON lines. */
export async function askService(
  service: ScoringService,
  body: string,
  type = "application/x-ndjson",
): Promise<{ readonly status: number; readonly text: string }> {
  const request = new Request("http://localhost/score", {
    method: "POST",
    body,
    headers: { "content-type": type, accept: "application/x-ndjson" },
  });
  const response = await service.fetch(request);
  return { status: response.status, text: await response.text() };
}

/** The scores of its answer. */
export function answered(text: string): number[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).score);
}

/** The scores that a pipe gives to lines of JSON, CSV or a Zeek log. @param others what comes in the place of the first model, one after the other between pieces */
export async function pipe(
  scorer: Scorer,
  text: string,
  context?: LiveContext,
  piece = 10_000,
  others: readonly Scorer[] = [],
): Promise<number[]> {
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  const pieces = text.match(new RegExp(`[^]{1,${piece}}`, "g")) ?? [];
  let change: (model: StreamModel) => Promise<void> = async () => {};
  const input = async function* (): AsyncGenerator<Buffer> {
    for (const [k, part] of pieces.entries()) {
      yield Buffer.from(part);
      const other = others[k];
      if (other !== undefined) await change({ scorer: other, bytes: new Uint8Array(), threshold: 1 });
    }
  };
  await scoreStream(Readable.from(input()), output, scorer, {
    threshold: 1,
    top: 0,
    fields: "all",
    context,
    onBegun: (begun) => {
      change = begun;
    },
  });
  const lines = Buffer.concat(heard).toString().trim().split("\n");
  if (text.startsWith("{")) return lines.map((line) => JSON.parse(line).score);
  const [between, header] = text.startsWith("#") ? ["\t", "#fields\t"] : [",", ""];
  const names =
    lines
      .find((line) => line.startsWith(header))
      ?.slice(header.length)
      .split(between) ?? [];
  const place = names.indexOf("score");
  const rows = header === "" ? lines.slice(1) : lines.filter((line) => !line.startsWith("#"));
  return rows.map((line) => Number(line.split(between)[place]));
}

/** The scores of an Arrow stream. @param timeOf what the stream has for a flow's seconds since 1970 */
export async function arrow(
  scorer: Scorer,
  records: readonly ScanFlow[],
  batchRows: number,
  timeOf: (ts: number) => unknown = (ts) => ts,
): Promise<number[]> {
  const tables = Array.from({ length: Math.ceil(records.length / batchRows) }, (_, k) => {
    const rows = records
      .slice(k * batchRows, (k + 1) * batchRows)
      .map((row) => ({ ...row, ts: timeOf(row.ts) }));
    return tableFromJSON(rows);
  });
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  const pieces = [tableToIPC((tables[0] as Table).concat(...tables.slice(1)), "stream")];
  await scoreArrow(Readable.from(pieces), output, scorer, { threshold: 1, top: 0, fields: "all" });
  output.end();
  return [...(tableFromIPC(Buffer.concat(heard)).getChild("score") ?? [])];
}

/** The scores that the page gives to a file of text. */
export async function page(scorer: Scorer, text: string, name: string): Promise<number[]> {
  const read = await readTable(new Blob([text]), name, () => undefined);
  const encoded = encodeColumns(read, scorer.ownColumns, scorer.context);
  const matrix = new Float32Array(read.rows * scorer.columns.length);
  encoded.encode(0, read.rows, matrix);
  return [...(await scorer.score(matrix)).scores];
}
