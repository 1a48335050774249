import { OddflowError } from "@oddflow/preprocessing";
import { readChosen } from "./chosen-file.ts";
import { readCsv } from "./csv-file.ts";
import type { FlowColumns } from "./flow-columns.ts";
import { readJsonLines } from "./json-lines.ts";
import { readParquet } from "./parquet-file.ts";
import { PARQUET_START } from "./parquet-footer.ts";
import { textFile } from "./text-pieces.ts";

/** How much has been read. */
export interface ReadingProgress {
  readonly rows: number;
  /** 0 to 1. */
  readonly share: number;
}

type TableFormat = "parquet" | "csv" | "json";

/** As much of a file as tells what it is, in bytes. */
const BEGINNING = 4096;

/**
 * Reads a file of flows into memory: Parquet, CSV or TSV, JSON lines, or a log of Zeek's, text also with .gz or .zst. The first
 * bytes tell Parquet; else the name decides, and where it says nothing, the first character.
 * @throws OddflowError TABLE_UNREADABLE, TABLE_EMPTY
 */
export function readTable(
  file: Blob,
  name: string,
  onProgress: (progress: ReadingProgress) => void,
): Promise<FlowColumns> {
  return readChosen("open table", "TABLE_UNREADABLE", name, () => readFormat(file, name, onProgress));
}

async function readFormat(
  file: Blob,
  name: string,
  onProgress: (progress: ReadingProgress) => void,
): Promise<FlowColumns> {
  if (file.size === 0) {
    throw new OddflowError("TABLE_EMPTY", `open table: ${name} is empty; expected a file of flows`);
  }
  const format = await findFormat(file, name);
  if (format === "parquet") {
    return readParquet(file, name, (rows, of) => onProgress({ rows, share: rows / of }));
  }
  let share = 0;
  const text = textFile(file, name, (bytes) => {
    share = bytes / file.size;
  });
  const readers = { csv: readCsv, json: readJsonLines };
  return readers[format](text, (rows) => onProgress({ rows, share }));
}

async function findFormat(file: Blob, name: string): Promise<TableFormat> {
  const start = await beginning(file, name);
  if (start.startsWith(PARQUET_START)) return "parquet";
  const plainName = name.toLowerCase().replace(/\.(gz|zst)$/, "");
  if (/\.(csv|tsv)$/.test(plainName)) return "csv";
  if (/\.(ndjson|jsonl|json)$/.test(plainName)) return "json";
  if (plainName.endsWith(".parquet")) {
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `open table: ${name} does not begin as a Parquet file does; get the file again`,
    );
  }
  if (start.includes("\0")) {
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `open table: ${name} is neither Parquet nor text; expected flows as Parquet, CSV, JSON or a Zeek log`,
    );
  }
  return /^\s*[[{]/.test(start) ? "json" : "csv";
}

async function beginning(file: Blob, name: string): Promise<string> {
  let text = "";
  // Cut anywhere: characters beyond ASCII do not matter here.
  const decoder = new TextDecoder("latin1");
  for await (const piece of textFile(file, name).bytes()) {
    text += decoder.decode(piece.subarray(0, BEGINNING));
    if (text.length >= BEGINNING) break;
  }
  return text.replace(/^\u00ef\u00bb\u00bf/, "");
}
