import { assembleFile } from "../assembled-file.ts";
import { createFileJoiner } from "../join-files.ts";
import { findOutputPlace, outputFailure } from "../output-place.ts";

/**
 * Puts Parquet files of the same columns behind each other in one, row groups as they are: it appears whole or not at all.
 * @param inputs files that it must not be put over
 * @throws OddflowError OUTPUT_UNWRITABLE, USAGE (the output is an input)
 */
export async function joinTables(
  paths: readonly string[],
  out: string,
  inputs: readonly string[],
): Promise<void> {
  const place = await findOutputPlace(
    out,
    inputs.map((path) => ({ path })),
  );
  try {
    const target = assembleFile(place.temporary);
    try {
      const joiner = createFileJoiner(target, "parquet");
      for (const path of paths) joiner.append(path);
      joiner.finish();
      await target.finish();
    } finally {
      await target.close();
    }
    await place.take();
  } catch (thrown) {
    throw outputFailure(place, thrown);
  } finally {
    await place.discard();
  }
}
