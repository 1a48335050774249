import { open } from "node:fs/promises";
import { JsonFields, withWholeLetters } from "@oddflow/flow-sources";
import type { TableFile } from "../table-files.ts";
import { jsonFramer, readJsonTexts } from "./read-records.ts";

/** Text that waits to be written, in characters. */
const WRITTEN_AT_ONCE = 1 << 20;

/**
 * Copies the records of a JSON file to a file of lines that DuckDB reads as the rest of Oddflow reads the original: without
 * a byte order mark, no name twice in a record (the last one stays), no half of a surrogate pair, and with the columns'
 * names for the keys.
 * @param nameOf the column's name in the copy for a key
 */
export async function writePlainCopy(
  file: TableFile,
  path: string,
  nameOf: (key: string) => string,
): Promise<void> {
  const output = await open(path, "w", 0o600);
  try {
    const fields = new JsonFields();
    const decoder = new TextDecoder();
    let written = "";
    for await (const texts of readJsonTexts(file, jsonFramer(file))) {
      for (const { bytes, start, end } of texts) {
        fields.find(bytes, start, end);
        const values = new Map<string, string>();
        for (let field = 0; field < fields.count; field++) {
          const value = decoder.decode(bytes.subarray(fields.value(field), fields.end(field)));
          values.set(nameOf(fields.name(field)), withWholeLetters(value).replaceAll(/[\r\n]/g, " "));
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
