import {
  isSpace,
  JsonItemFramer,
  LineFramer,
  LONGEST_LINE,
  type RecordFramer,
  skipSpace,
} from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { TableFile } from "../table-files.ts";
import { unpackedBytes } from "../unpack.ts";

/** The JSON of one record, without the space around it. `bytes` holds it until the next one is read. */
export interface JsonText {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

/** A .json file, or one whose name says nothing, may hold one list of records, or records over several lines. */
export function jsonFramer(file: TableFile, longest: number = LONGEST_LINE): JsonItemFramer | LineFramer {
  return file.mayBeList ? new JsonItemFramer(longest) : new LineFramer(longest);
}

/**
 * Reads a file's records, one after the other; blank lines are passed over. Never more of the file is in memory than a
 * piece and a record.
 * @throws OddflowError TABLE_UNREADABLE for a record that is too long, and for what is no list where a list began
 */
export async function* readJsonTexts(
  file: TableFile,
  framer: RecordFramer,
): AsyncGenerator<readonly JsonText[]> {
  try {
    for await (const piece of unpackedBytes(file)) {
      framer.feed(piece);
      yield textsOf(file, framer);
    }
  } catch (thrown) {
    if (thrown instanceof OddflowError || !(thrown instanceof Error && "code" in thrown)) throw thrown;
    throw unreadableJson(file, `the system says ${String(thrown.code)}; get the file again`);
  }
  framer.close();
  yield textsOf(file, framer);
}

function textsOf(file: TableFile, framer: RecordFramer): JsonText[] {
  const texts: JsonText[] = [];
  for (let step = framer.next(); step !== "wait"; step = framer.next()) {
    if (step === "too long") {
      throw unreadableJson(
        file,
        `line ${framer.number} is longer than ${LONGEST_LINE} bytes; expected one flow a line`,
      );
    }
    if (step === "broken") throw unreadableJson(file, `line ${framer.number}: ${framer.problem}; correct it`);
    const { bytes, number: line } = framer;
    const start = skipSpace(bytes, framer.end, framer.start);
    let { end } = framer;
    while (end > start && isSpace(bytes[end - 1] as number)) end--;
    if (end > start) texts.push({ bytes, start, end, line });
  }
  return texts;
}

export function unreadableJson(file: TableFile, problem: string): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${file.path} cannot be read as JSON lines: ${problem}`,
  );
}
