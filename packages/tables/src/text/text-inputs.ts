import { dirname } from "node:path";
import { ContextReader, type ContextSpec } from "@oddflow/preprocessing";
import { type ContextRun, ContextRunWriter } from "../context/context-run.ts";
import { type ContextSlice, sliceTimes } from "../context/context-slices.ts";
import { inSpillFolder } from "../spill-folder.ts";
import { FlowTimes, type TimeForms, unitsPerSecond } from "./flow-times.ts";
import { CellInputRows, JsonInputRows, MIXED } from "./input-rows.ts";
import { NotPlainText } from "./not-plain-text.ts";
import type { TextShard } from "./text-table.ts";

/** What the context of a shard's flows is counted from. It can go from process to process. */
export interface TextInputs {
  /** The shard's rows, of which some may be in no context. */
  readonly rows: number;
  readonly run: ContextRun;
  readonly forms: TimeForms;
  /** Of JSON, the kinds of values by input, `VALUE_KIND`. */
  readonly kinds: readonly number[];
  /** Some of the run's times. */
  readonly sample: Float64Array;
}

/** Of so many flows one's time is in the sample. */
const SAMPLED = 128;

export interface ReadInputsOptions {
  readonly spec: ContextSpec;
  /** Two numbers of 32 bits, the same for all shards of a table. */
  readonly hashKey: readonly [number, number];
  /** A file for runs, of this process's own. */
  readonly path: string;
}

/**
 * Reads what the context of a shard's flows is counted from, and writes it as a run.
 * @throws NotPlainText; OddflowError OUTPUT_UNWRITABLE (the folder for temporary files), TABLE_UNREADABLE
 */
export async function readTextInputs(
  shard: TextShard,
  { spec, hashKey, path }: ReadInputsOptions,
): Promise<TextInputs> {
  const reader = new ContextReader(spec, hashKey);
  const { inputs, flow } = reader;
  const values: unknown[] = inputs.map(() => undefined);
  const source = shard.written === "json" ? new JsonInputRows(shard, spec) : new CellInputRows(shard, spec);
  const time = inputs.indexOf(spec.time);
  const times = new FlowTimes();
  const run = new ContextRunWriter();
  let rows = 0;
  while (source.next(values)) {
    const at = times.read(values[time]);
    if (reader.read(values) !== undefined) throw new NotPlainText("a value that is not what it should be");
    if (reader.isPlaced) run.add(rows, at, flow);
    rows++;
  }
  source.close();
  const sample = run.times(SAMPLED);
  return {
    rows,
    run: await inSpillFolder(dirname(path), () => run.write(path)),
    forms: times.forms,
    kinds: source.kinds,
    sample,
  };
}

/**
 * Cuts the flows of a table of text by time.
 * @param inputs of its shards, in their order
 * @throws NotPlainText where some values of a column are texts and others numbers, which DuckDB may tell apart otherwise
 */
export function textSlices(
  inputs: readonly TextInputs[],
  spec: ContextSpec,
  { folder, processes }: { readonly folder: string; readonly processes: number },
): readonly ContextSlice[] {
  const kinds: number[] = [];
  for (const own of inputs) {
    for (const [input, kind] of own.kinds.entries()) kinds[input] = (kinds[input] ?? 0) | kind;
  }
  if (kinds.includes(MIXED)) throw new NotPlainText("texts and numbers in one column");
  const perSecond = unitsPerSecond(inputs.map(({ forms }) => forms));
  const sample = Float64Array.from(inputs.flatMap((own) => [...own.sample])).map((time) => time / perSecond);
  const rows = inputs.map((own) => own.rows);
  return sliceTimes(sample.sort(), spec, { folder, rows, unitsPerSecond: perSecond, processes });
}
