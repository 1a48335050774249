import type { ExportFormat } from "./export-name.ts";
import { parquetRows } from "./parquet-rows.ts";
import type { ScoredExport } from "./scored-export.ts";
import { csvHeader, csvRow, jsonRow } from "./text-rows.ts";

export interface ExportRequest {
  readonly format: ExportFormat;
  /** The rows to write, in the table's order; all of them where it is absent. */
  readonly rows?: Uint32Array;
}

/** So many rows become one piece of text. */
const ROWS_A_PIECE = 5000;

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};

/** Writes a scored table as a file. Text is made in pieces, which a browser may keep on disk. */
export function exportTable(scored: ScoredExport, { format, rows }: ExportRequest): Blob {
  const chosen = rows ?? Uint32Array.from(scored.scores, (_, row) => row);
  const type = MEDIA_TYPES[format];
  if (format === "parquet") return new Blob([parquetRows(scored, chosen)], { type });
  const write = format === "csv" ? csvRow : jsonRow;
  const pieces: Blob[] = format === "csv" ? [new Blob([csvHeader(scored)])] : [];
  for (let first = 0; first < chosen.length; first += ROWS_A_PIECE) {
    let text = "";
    for (const row of chosen.subarray(first, first + ROWS_A_PIECE)) text += write(scored, row);
    pieces.push(new Blob([text]));
  }
  return new Blob(pieces, { type });
}
