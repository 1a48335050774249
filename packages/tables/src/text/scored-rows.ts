import { open } from "node:fs/promises";
import {
  type CsvFault,
  type FlowRow,
  FlowRows,
  type FlowScores,
  type KeptFields,
  ScoredRowsWriter,
  TextDecoding,
} from "@oddflow/flow-sources";
import { rowsOptions, unreadableCsv } from "../csv-layout.ts";
import type { TableFile } from "../table-files.ts";
import { readText } from "../unpack.ts";

/**
 * Writes the flows of text files again, each with its scores behind its own cells, which stay as they are written.
 * @param added a JSON object for each flow, in their order
 * @param ofFile by its path, a JSON object with what is added to all rows of a file
 * @returns how many flows were written: fewer than there are scores where the files have lost some since
 */
export async function writeScoredRows(
  files: readonly TableFile[],
  kept: KeptFields,
  added: AsyncIterator<readonly string[]>,
  path: string,
  ofFile: ReadonlyMap<string, string>,
): Promise<number> {
  const writer = new ScoredRowsWriter(kept);
  const output = await open(path, "w");
  let objects: readonly string[] = [];
  let next = 0;
  let count = 0;
  /** False where there are more flows than scores. */
  const take = async (rows: readonly FlowRow[], file: TableFile): Promise<boolean> => {
    const folders = JSON.parse(ofFile.get(file.path) ?? "{}") as object;
    for (const row of rows) {
      if (row.noFlow !== undefined) continue;
      if (next === objects.length) {
        const more = await added.next();
        if (more.done === true) return false;
        objects = more.value;
        next = 0;
      }
      const scores = JSON.parse(objects[next++] as string) as FlowScores;
      writer.append(row, { ...folders, ...scores });
      count++;
    }
    await output.writeFile(writer.take());
    return true;
  };
  try {
    for (const file of files) {
      const rows = new FlowRows(({ problem }: CsvFault) => unreadableCsv(file, problem), rowsOptions(file));
      for await (const piece of readText(file, new TextDecoding())) {
        if (!(await take(rows.read(piece), file))) return count + 1;
      }
      if (!(await take(rows.end(), file))) return count + 1;
    }
    return count;
  } finally {
    await output.close();
  }
}
