import type { JudgedFlows } from "../scoring/judged-flows.ts";
import type { ExportFormat } from "./export-name.ts";
import { FilePieces } from "./file-pieces.ts";
import { writeParquet } from "./parquet-rows.ts";
import { csvHeader, csvLines, jsonLines } from "./text-rows.ts";

export interface ExportRequest {
  readonly format: ExportFormat;
  /** The rows to write, in the table's order; all of them where it is absent. */
  readonly rows?: Uint32Array;
}

/** So many rows are written between two looks at the clock. */
const STEP = 128;

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};

/**
 * Writes a scored table as a file, in pieces, which a browser may keep on disk.
 * @param rest is called again and again, so that others get their turn
 */
export async function exportTable(
  scored: JudgedFlows,
  { format, rows }: ExportRequest,
  rest: () => Promise<void>,
): Promise<Blob> {
  const chosen = rows ?? Uint32Array.from(scored.scores, (_, row) => row);
  const pieces = new FilePieces();
  if (format === "parquet") await writeParquet(scored, chosen, pieces, rest);
  else await writeText(scored, chosen, { format, pieces, rest });
  return pieces.finish(MEDIA_TYPES[format]);
}

interface TextWriting {
  readonly format: "csv" | "ndjson";
  readonly pieces: FilePieces;
  readonly rest: () => Promise<void>;
}

async function writeText(
  scored: JudgedFlows,
  rows: Uint32Array,
  { format, pieces, rest }: TextWriting,
): Promise<void> {
  const lineOf = format === "csv" ? csvLines(scored) : jsonLines(scored);
  if (format === "csv") pieces.addText(csvHeader(scored));
  for (let first = 0; first < rows.length; first += STEP) {
    let text = "";
    for (const row of rows.subarray(first, first + STEP)) text += lineOf(row);
    pieces.addText(text);
    await rest();
  }
}
