import { basename, extname } from "node:path";
import type { FlowTable } from "@oddflow/tables";

/** Where a scored table goes when nobody says it. @param paths the table's files */
export function defaultOutput({ paths, scoredEnding }: Pick<FlowTable, "paths" | "scoredEnding">): string {
  const name = basename(paths[0] ?? "flows").replace(/\.(gz|zst)$/i, "");
  const stem = paths.length > 1 ? "flows" : basename(name, extname(name));
  const own = extname(name).toLowerCase();
  // A file whose name says nothing of its form gives its form's ending; so does .json, which is written as lines.
  return `${stem}.scored${[".csv", ".tsv", ".ndjson", ".jsonl"].includes(own) ? extname(name) : scoredEnding}`;
}
