import { open } from "node:fs/promises";
import {
  JsonLeaves,
  noFlowWords,
  readJsonRecord,
  samplingOf,
  withoutSampling,
  withWholeLetters,
} from "@oddflow/flow-sources";
import type { FlowRecord } from "@oddflow/preprocessing";
import type { TableFile } from "../table-files.ts";
import { jsonFramer, readJsonTexts } from "./read-records.ts";

/** Text that waits to be written, in characters. */
const WRITTEN_AT_ONCE = 1 << 20;

/**
 * Copies the records of a JSON file to a file of lines that DuckDB reads as the rest of Oddflow reads the original: without
 * a byte order mark, no name twice in a record (the last one stays), no half of a surrogate pair, no object for a column, without
 * what is no flow, with a sample's counts multiplied by its rate, and with the columns' names for the keys.
 * @param nameOf the column's name in the copy for a key; undefined for a key that is no column
 * @param isUneven whether some records are no flows, or their counts a sample's
 */
export async function writePlainCopy(
  file: TableFile,
  path: string,
  nameOf: (key: string) => string | undefined,
  isUneven: boolean,
): Promise<void> {
  const output = await open(path, "w", 0o600);
  try {
    const leaves = new JsonLeaves();
    const decoder = new TextDecoder();
    let written = "";
    for await (const texts of readJsonTexts(file, jsonFramer(file))) {
      for (const { bytes, start, end } of texts) {
        const record = isUneven ? recordOf(bytes.subarray(start, end)) : undefined;
        if (record !== undefined && noFlowWords(record) !== undefined) continue;
        const values = new Map<string, string>();
        for (const leaf of leaves.find(bytes, start, end) ?? []) {
          const name = nameOf(leaf.name);
          // A field with a dot in its name counts before one in an object.
          if (name === undefined || (leaf.depth > 0 && values.has(name))) continue;
          const value = decoder.decode(bytes.subarray(leaf.start, leaf.end));
          values.set(name, withWholeLetters(value).replaceAll(/[\r\n]/g, " "));
        }
        for (const name of (record && samplingOf(record)?.counts) ?? []) {
          const count = withoutSampling(record ?? {})[name];
          if (typeof count === "number") values.set(nameOf(name) ?? name, wholeText(count));
        }
        const pairs = [...values].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
        written += `{${pairs.join(",")}}\n`;
        if (written.length >= WRITTEN_AT_ONCE) {
          await output.writeFile(written);
          written = "";
        }
      }
    }
    await output.writeFile(written);
  } finally {
    await output.close();
  }
}

function recordOf(bytes: Uint8Array): FlowRecord {
  const reading = readJsonRecord(bytes);
  return "record" in reading ? reading.record : {};
}

/** A number without an exponent, as 64-bit integers are read. */
function wholeText(count: number): string {
  return Number.isInteger(count) ? BigInt(count).toString() : String(count);
}
