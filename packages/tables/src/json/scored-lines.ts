import { open } from "node:fs/promises";
import { type KeptFields, noFlowWords, readJsonRecord, ScoredJsonWriter } from "@oddflow/flow-sources";
import type { TableFile } from "../table-files.ts";
import { jsonFramer, readJsonTexts } from "./read-records.ts";

/**
 * Writes the records of JSON files as lines, each with its scores behind its own fields, which stay as they are written.
 * @param added a JSON object for each record, in their order
 * @param fields which of them stay, whether no record has a field of an earlier scoring, whether some records are no flows, which
 * are left out, and, by its path, a JSON object with what is added to all records of a file
 * @returns how many lines were written: fewer than there are scores where the files have lost records since
 */
export async function writeScoredLines(
  files: readonly TableFile[],
  fields: {
    readonly kept: KeptFields;
    readonly areNew: boolean;
    readonly haveEvents: boolean;
    readonly ofFile: ReadonlyMap<string, string>;
  },
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
      const ofFile = fields.ofFile.get(file.path) ?? "{}";
      const first = ofFile === "{}" ? "{" : `${ofFile.slice(0, -1)},`;
      for await (const texts of readJsonTexts(file, jsonFramer(file))) {
        for (const { bytes, start, end } of texts) {
          if (fields.haveEvents && isNoFlow(bytes.subarray(start, end))) continue;
          if (next === objects.length) {
            const more = await added.next();
            if (more.done === true) return lines + 1;
            objects = more.value;
            next = 0;
          }
          const object = objects[next++] as string;
          writer.append(bytes, start, end, first + object.slice(1), fields.areNew);
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

/** Whether the JSON of a record says that it is no flow. */
function isNoFlow(bytes: Uint8Array): boolean {
  const reading = readJsonRecord(bytes);
  return "record" in reading && noFlowWords(reading.record) !== undefined;
}
