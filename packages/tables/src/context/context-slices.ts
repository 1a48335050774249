import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ContextSpec } from "@oddflow/preprocessing";
import { checkOpenContext } from "../check-columns.ts";
import { type FlowTable, type OpenTable, openTableOf, type RowRange } from "../flow-table.ts";
import { readTimes } from "../read-times.ts";
import { blameFile } from "../table-source.ts";
import { readUnchanged } from "../unchanged-files.ts";
import { ContextBlocksWriter, type CountedContext } from "./counted-context.ts";
import { InputReader, type TimeStretch } from "./input-reader.ts";

/** A stretch of time whose flows one process counts the context of. It can go from process to process. */
export interface ContextSlice extends TimeStretch {
  /** The file that it is written to; nothing is there yet. */
  readonly path: string;
  /** The first row of each range of the table, and behind the last the table's rows. */
  readonly starts: readonly number[];
}

/** Times that are looked at to cut a table by time. */
const SAMPLED_TIMES = 8192;

/**
 * Cuts a table by time, for at most so many processes to count the context of its flows side by side. Each also reads the flows of the
 * longest window before its own; where these are too many, the slices are fewer.
 * @param ranges the table's, in their order
 * @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE, TABLE_UNREADABLE, OUTPUT_UNWRITABLE (the folder for temporary files)
 */
export async function contextSlices(
  table: FlowTable,
  spec: ContextSpec,
  ranges: readonly RowRange[],
  processes: number,
): Promise<readonly ContextSlice[]> {
  const open = openTableOf(table);
  const { times, unitsPerSecond } = await readUnchanged("read table", open.files, async () => {
    await checkOpenContext(open, spec);
    return readTimes(open, spec.time);
  });
  const folder = join(open.session.folder, "context");
  await blaming(open, undefined, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const rows = ranges.map((range) => range.rows);
  return sliceTimes(sampleOf(times), spec, { folder, rows, unitsPerSecond, processes });
}

/**
 * Cuts flows by time.
 * @param sample some of their times in seconds, in order
 * @param table `folder`: for the slices' files; `rows`: of each range
 */
export function sliceTimes(
  sample: Float64Array,
  spec: ContextSpec,
  table: {
    readonly folder: string;
    readonly rows: readonly number[];
    readonly unitsPerSecond: number;
    readonly processes: number;
  },
): readonly ContextSlice[] {
  const { folder, rows, unitsPerSecond, processes } = table;
  const longest = spec.windows.at(-1) as number;
  const starts = [0];
  for (const own of rows) starts.push((starts.at(-1) as number) + own);
  const cuts = cutTimes(thinned(sample), longest, processes).map((cut) => cut * unitsPerSecond);
  return [...cuts, Number.POSITIVE_INFINITY].map((until, slice) => ({
    from: cuts[slice - 1] ?? Number.NEGATIVE_INFINITY,
    until,
    unitsPerSecond,
    path: join(folder, `slice-${slice}`),
    starts,
  }));
}

/** In order; NaN aside. */
function sampleOf(times: Float64Array): Float64Array {
  return thinned(times)
    .filter((time) => !Number.isNaN(time))
    .sort();
}

/** As many of some times as suffice to cut by. */
function thinned(times: Float64Array): Float64Array {
  const step = Math.max(1, Math.floor(times.length / SAMPLED_TIMES));
  return new Float64Array(Math.ceil(times.length / step)).map((_, k) => times[k * step] as number);
}

/** The times between slices: of all numbers of slices, those with which the longest one takes the least time. */
function cutTimes(sample: Float64Array, longest: number, processes: number): readonly number[] {
  let best: { readonly cuts: readonly number[]; readonly most: number } = { cuts: [], most: sample.length };
  for (let slices = 2; slices <= processes; slices++) {
    const places = Array.from({ length: slices - 1 }, (_, k) =>
      Math.floor(((k + 1) * sample.length) / slices),
    );
    const cuts = [...new Set(places.map((place) => sample[place] as number))];
    const ends = [...cuts, Number.POSITIVE_INFINITY];
    const loads = ends.map((until, k) => {
      const from = cuts[k - 1] ?? Number.NEGATIVE_INFINITY;
      return sample.reduce((sum, time) => sum + Number(time > from - longest && time < until), 0);
    });
    const most = Math.max(...loads);
    // A few flows less are not worth another process's reading of the table.
    if (most < 0.9 * best.most) best = { cuts, most };
  }
  return best.cuts;
}

/**
 * Counts the context of a slice's flows, and writes it to the slice's file: what `FlowTable.scan` gives, to the last bit.
 * @returns for each range of the table where it is
 * @throws OddflowError TABLE_UNREADABLE, OUTPUT_UNWRITABLE (the folder for temporary files); the signal's reason when it is aborted
 */
export async function countContext(
  table: FlowTable,
  spec: ContextSpec,
  slice: ContextSlice,
  signal: AbortSignal,
): Promise<readonly CountedContext[]> {
  const open = openTableOf(table);
  const byTime = countedStretch(spec, slice);
  const reader = new InputReader(open, spec, { byTime });
  return blaming(open, signal, async () => {
    const { width } = reader.state;
    const writer = new ContextBlocksWriter(slice.path, width, slice.starts);
    const stop = (): void => reader.interrupt();
    signal.addEventListener("abort", stop);
    try {
      signal.throwIfAborted();
      await reader.start();
      for (;;) {
        signal.throwIfAborted();
        const flows = await reader.read();
        if (flows === 0) return writer.finish();
        for (let i = 0; i < flows; i++) {
          if (reader.timeOf(i) >= slice.from) writer.add(reader.rowOf(i), reader.context, i * width);
        }
      }
    } finally {
      signal.removeEventListener("abort", stop);
      writer.close();
      reader.close();
    }
  });
}

/** The times that a slice's flows are counted by: also those before them that its windows reach back to. */
export function countedStretch(spec: ContextSpec, slice: TimeStretch): TimeStretch {
  // One second more leaves no room for rounding.
  const longest = (spec.windows.at(-1) as number) + 1;
  return { ...slice, from: slice.from - longest * slice.unitsPerSecond };
}

async function blaming<T>(
  open: OpenTable,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const { session, files, source } = open;
  return work().catch(async (thrown: unknown) => {
    signal?.throwIfAborted();
    throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
  });
}
