export type ExportFormat = "csv" | "ndjson" | "parquet";

/** The name of an export, from the name of what was scored. */
export function exportName(table: string, format: ExportFormat): string {
  const plain = table.replace(/\.gz$/i, "").replace(/\.(parquet|csv|tsv|ndjson|jsonl|json|log)$/i, "");
  return `${plain}.scored.${format}`;
}
