import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type ContextSpec, ContextState } from "@oddflow/preprocessing";
import { inSpillFolder } from "../spill-folder.ts";
import type { ContextRun } from "./context-run.ts";
import { type ContextSlice, countedStretch } from "./context-slices.ts";
import { ContextBlocksWriter, type CountedContext } from "./counted-context.ts";
import { MergedRuns } from "./merged-runs.ts";

/** Flows between two looks at what else there is to do. */
const FLOWS_AT_ONCE = 32_768;

/**
 * Counts the context of a slice's flows, and writes it to the slice's file.
 * @param runs the flows of each range of the table, in their order
 * @returns for each range where it is
 * @throws OddflowError OUTPUT_UNWRITABLE (the folder for temporary files); the signal's reason when it is aborted
 */
export function countRuns(
  runs: readonly ContextRun[],
  spec: ContextSpec,
  slice: ContextSlice,
  signal: AbortSignal,
): Promise<readonly CountedContext[]> {
  return inSpillFolder(dirname(slice.path), async () => {
    const state = new ContextState(spec);
    const row = new Float32Array(state.width);
    const writer = new ContextBlocksWriter(slice.path, row.length, slice.starts);
    const merged = new MergedRuns(runs, countedStretch(spec, slice));
    try {
      for (let flows = 1; merged.next(); flows++) {
        state.add(merged.flow, row, 0);
        if (merged.time >= slice.from) writer.add((slice.starts[merged.run] as number) + merged.row, row);
        if (flows % FLOWS_AT_ONCE === 0) await setImmediate();
        signal.throwIfAborted();
      }
      return writer.finish();
    } finally {
      merged.close();
      writer.close();
    }
  });
}
