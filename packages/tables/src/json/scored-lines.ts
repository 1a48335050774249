import { open } from "node:fs/promises";
import { type KeptFields, ScoredJsonWriter } from "@oddflow/flow-sources";
import type { TableFile } from "../table-files.ts";
import { jsonFramer, readJsonTexts } from "./read-records.ts";

/**
 * Writes the records of JSON files as lines, each with its scores behind its own fields, which stay as they are written.
 * @param added a JSON object for each record, in their order
 * @param fields which of them stay, and whether no record has a field of an earlier scoring
 * @returns how many lines were written: fewer than there are scores where the files have lost records since
 */
export async function writeScoredLines(
  files: readonly TableFile[],
  fields: { readonly kept: KeptFields; readonly areNew: boolean },
  added: AsyncIterator<readonly string[]>,
  path: string,
): Promise<number> {
  const writer = new ScoredJsonWriter(fields.kept);
  const output = await open(path, "w");
  let objects: readonly string[] = [];
  let next = 0;
  let lines = 0;
  try {
    for (const file of files) {
      for await (const texts of readJsonTexts(file, jsonFramer(file))) {
        for (const { bytes, start, end } of texts) {
          if (next === objects.length) {
            const more = await added.next();
            if (more.done === true) return lines + 1;
            objects = more.value;
            next = 0;
          }
          writer.append(bytes, start, end, objects[next++] as string, fields.areNew);
          lines++;
        }
        await output.writeFile(writer.take());
      }
    }
    return lines;
  } finally {
    await output.close();
  }
}
