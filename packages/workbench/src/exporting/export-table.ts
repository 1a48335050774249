import type { JudgedFlows } from "../scoring/judged-flows.ts";
import type { ExportFormat } from "./export-name.ts";
import { parquetPieces } from "./parquet-rows.ts";
import { csvHeader, csvRow, jsonRow } from "./text-rows.ts";

export interface ExportRequest {
  readonly format: ExportFormat;
  /** The rows to write, in the table's order; all of them where it is absent. */
  readonly rows?: Uint32Array;
}

/** So many rows become one piece of text. */
const PIECE = 4096;

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
  const pieces =
    format === "parquet"
      ? await parquetPieces(scored, chosen, rest)
      : await textPieces(scored, chosen, format, rest);
  return new Blob(pieces, { type: MEDIA_TYPES[format] });
}

async function textPieces(
  scored: JudgedFlows,
  rows: Uint32Array,
  format: "csv" | "ndjson",
  rest: () => Promise<void>,
): Promise<Blob[]> {
  const write = format === "csv" ? csvRow : jsonRow;
  const pieces = format === "csv" ? [new Blob([csvHeader(scored)])] : [];
  for (let first = 0; first < rows.length; first += PIECE) {
    const texts: string[] = [];
    const end = Math.min(first + PIECE, rows.length);
    for (let step = first; step < end; step += STEP) {
      let text = "";
      for (const row of rows.subarray(step, Math.min(step + STEP, end))) text += write(scored, row);
      texts.push(text);
      await rest();
    }
    pieces.push(new Blob(texts));
  }
  return pieces;
}
