import { open as openFile } from "node:fs/promises";
import { extname } from "node:path";
import type { RowLayout } from "@oddflow/flow-sources";
import { OddflowError, SCORE_COLUMNS } from "@oddflow/preprocessing";
import { readLayout } from "../csv-layout.ts";
import { takenFor } from "../csv-plans.ts";
import { findTableFiles, type TableFile } from "../table-files.ts";
import type { FileReading } from "../table-source.ts";
import type { ShardNotes } from "./shard-notes.ts";

/** Bytes of one file of text, to be read on their own. It can go from process to process. */
export interface TextShard {
  readonly path: string;
  /** The rows that begin at this byte or behind it, and before `until`. */
  readonly from: number;
  readonly until: number;
  /** The lines that say how rows are to be read, as they stand at the file's beginning. */
  readonly start: string;
  /** Whether lines end in \r\n. */
  readonly hasReturns: boolean;
  /** How scores are written: "plain" where the table is one that DuckDB would write anew, "rows" where it would not; "json". */
  readonly written: "plain" | "rows" | "json";
}

/** A file of text that is scored into one of its own form without a look at it as a whole. */
export interface TextTable {
  readonly file: TableFile;
  /** Undefined for JSON, whose records may differ. */
  readonly names: readonly string[] | undefined;
  /**
   * What it was taken for, and what of it was left out.
   * @param notes of the shards of JSON, in their order; none of a table of cells
   * @throws NotPlainText where that takes a look at the whole file
   */
  reading(notes: readonly ShardNotes[]): FileReading;
  readonly shards: readonly TextShard[];
  /** About how many flows it has. */
  readonly rows: number;
}

export interface TextTableOptions {
  /** What the file holds, where somebody says so. */
  readonly from: string | undefined;
  /** Where it is scored into. */
  readonly out: string;
  /** How many share the work. */
  readonly processes: number;
}

/** A larger shard keeps too much waiting in memory, a smaller one costs more than it gains. */
const [MOST_BYTES, LEAST_BYTES] = [8 * 1024 * 1024, 1024 * 1024];

/** So many shards a process at least, so that they end together. */
const SHARDS_PER_PROCESS = 8;

/** The lines before the first row are within these. */
const MOST_START = 65_536;

const [LINE_FEED, RETURN, HASH] = [10, 13, 35];

/**
 * Looks at the beginning of a file of text that is to be scored into one of its own form, all columns kept.
 * @returns undefined where that takes `openTable`, which also says what is wrong with the file
 */
export async function openTextTable(
  path: string,
  { from, out, processes }: TextTableOptions,
): Promise<TextTable | undefined> {
  const file = await findTextFile(path, from, "csv");
  if (file === undefined) return undefined;
  const layout = await readLayout(file).catch(ignoreRefusal);
  if (layout?.names.some((name) => SCORE_COLUMNS.includes(name.toLowerCase())) !== false) return undefined;
  const written = formOf(layout, out);
  const start = await startOf(file, layout);
  if (written === undefined || start === undefined) return undefined;
  const { text, bytes, hasReturns, rowBytes } = start;
  return {
    file,
    names: layout.names,
    reading: () => ({ path: file.path, takenFor: takenFor(layout), leftOut: new Map() }),
    shards: cutText(file, bytes, processes).map((own) => ({ ...own, start: text, hasReturns, written })),
    rows: Math.round((file.bytes - bytes) / rowBytes),
  };
}

/** Stretches of a file for several processes. @param first the byte where its rows begin */
export function cutText(
  { path, bytes }: TableFile,
  first: number,
  processes: number,
): readonly Pick<TextShard, "path" | "from" | "until">[] {
  const size = Math.ceil((bytes - first) / (processes * SHARDS_PER_PROCESS));
  const shardBytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, size));
  const count = Math.ceil((bytes - first) / shardBytes);
  return Array.from({ length: count }, (_, k) => ({
    path,
    from: first + k * shardBytes,
    until: Math.min(bytes, first + (k + 1) * shardBytes),
  }));
}

/** The one file of a path, of a format and not packed; undefined where it is another, or refused. */
export async function findTextFile(
  path: string,
  from: string | undefined,
  format: TableFile["format"],
): Promise<TableFile | undefined> {
  const [file] = (await findTableFiles([path], from, async () => []).catch(ignoreRefusal)) ?? [];
  return file?.format === format && file.packing === "none" ? file : undefined;
}

function ignoreRefusal(thrown: unknown): undefined {
  if (thrown instanceof OddflowError) return undefined;
  throw thrown;
}

/** How a table of a layout is written to a path; undefined where it is not copied row by row. */
function formOf(
  { form, delimiter, hasHeader, isPlain }: RowLayout,
  out: string,
): TextShard["written"] | undefined {
  const ending = extname(out).toLowerCase();
  if (form === "zeek") return ending === ".log" ? "rows" : undefined;
  const isSame = (ending === ".csv" && delimiter === ",") || (ending === ".tsv" && delimiter === "\t");
  if (!isSame || !hasHeader) return undefined;
  return isPlain ? "plain" : "rows";
}

interface TextStart {
  readonly text: string;
  readonly bytes: number;
  readonly hasReturns: boolean;
  /** How long its rows are, by the first ones. */
  readonly rowBytes: number;
}

/** The lines before a file's first row; undefined where they are not plain. */
async function startOf({ path }: TableFile, { form, firstLine }: RowLayout): Promise<TextStart | undefined> {
  const handle = await openFile(path, "r");
  const buffer = Buffer.alloc(MOST_START);
  const { bytesRead } = await handle.read(buffer, 0, MOST_START, 0).finally(() => handle.close());
  const bytes = buffer.subarray(0, bytesRead);
  let end = 0;
  const isStart = (): boolean => (form === "zeek" ? bytes[end] === HASH : end === 0 && firstLine === 1);
  while (isStart()) {
    const feed = bytes.indexOf(LINE_FEED, end);
    if (feed < 0) return undefined;
    end = feed + 1;
  }
  const text = bytes.toString("utf8", 0, end);
  // A mark before the first name, letters that are none, a name over several lines.
  if (end === 0 || /[\ufeff\ufffd\0]/.test(text) || (text.match(/"/g)?.length ?? 0) % 2 === 1)
    return undefined;
  const rest = bytes.subarray(end);
  const rows = rest.filter((byte) => byte === LINE_FEED).length;
  const hasReturns = bytes[end - 2] === RETURN;
  return { text, bytes: end, hasReturns, rowBytes: rest.length / Math.max(1, rows) };
}
