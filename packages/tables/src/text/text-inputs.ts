import { dirname } from "node:path";
import { type RowHead, SoughtCells } from "@oddflow/flow-sources";
import { ContextReader, type ContextSpec, contextInputs } from "@oddflow/preprocessing";
import { type ContextRun, ContextRunWriter } from "../context/context-run.ts";
import { type ContextSlice, sliceTimes } from "../context/context-slices.ts";
import { inSpillFolder } from "../spill-folder.ts";
import { FlowTimes, type TimeForms, unitsPerSecond } from "./flow-times.ts";
import { NotPlainText } from "./not-plain-text.ts";
import { ShardRows } from "./shard-rows.ts";
import type { TextShard } from "./text-table.ts";

/** What the context of a shard's flows is counted from. It can go from process to process. */
export interface TextInputs {
  /** The shard's rows, of which some may be in no context. */
  readonly rows: number;
  readonly run: ContextRun;
  readonly forms: TimeForms;
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
 * @throws NotPlainText; OddflowError OUTPUT_UNWRITABLE (the folder for temporary files); what the system says of the file
 */
export async function readTextInputs(
  shard: TextShard,
  { spec, hashKey, path }: ReadInputsOptions,
): Promise<TextInputs> {
  const lines = new ShardRows(shard);
  const { bytes } = lines;
  const reader = new ContextReader(spec, hashKey);
  const { inputs, flow } = reader;
  const numbers = numberInputs(spec);
  const time = inputs.indexOf(spec.time);
  const times = new FlowTimes();
  const run = new ContextRunWriter();
  const values: unknown[] = inputs.map(() => undefined);
  let cells: SoughtCells | undefined;
  let head: RowHead | undefined;
  let places: readonly number[] = [];
  let rows = 0;
  while (lines.next()) {
    if (lines.isComment || cells?.read(bytes, lines.from, lines.end, values) !== true) {
      const row = lines.read();
      if (row === undefined) continue;
      if (row.head !== head) {
        head = row.head;
        places = inputs.map((name) => row.head.names.indexOf(name));
        if (places.includes(-1)) throw new NotPlainText("other columns");
        cells = SoughtCells.of(inputs, numbers, head, true);
      }
      for (const [k, place] of places.entries()) values[k] = row.cells[place];
    }
    const at = times.read(values[time]);
    if (reader.read(values) !== undefined) throw new NotPlainText("a value that is not what it should be");
    if (reader.isPlaced) run.add(rows, at, flow);
    rows++;
  }
  const sample = run.times(SAMPLED);
  return { rows, run: await inSpillFolder(dirname(path), () => run.write(path)), forms: times.forms, sample };
}

/** What is added up, and times; but for columns whose letters tell hosts and services apart. */
function numberInputs(spec: ContextSpec): ReadonlySet<string> {
  const { time, bytes, packets, failed, ...letters } = spec;
  const isUnanswered = failed !== undefined && "unanswered" in failed;
  const texts = contextInputs({
    ...letters,
    time: undefined,
    bytes: [],
    packets: [],
    ...(isUnanswered || failed === undefined ? {} : { failed }),
  });
  const numbers = [time, ...bytes, ...packets, ...(isUnanswered ? [failed.unanswered] : [])];
  return new Set(numbers.filter((name) => !texts.includes(name)));
}

/**
 * Cuts the flows of a table of text by time.
 * @param inputs of its shards, in their order
 * @throws NotPlainText where some times are texts and others numbers
 */
export function textSlices(
  inputs: readonly TextInputs[],
  spec: ContextSpec,
  { folder, processes }: { readonly folder: string; readonly processes: number },
): readonly ContextSlice[] {
  const perSecond = unitsPerSecond(inputs.map(({ forms }) => forms));
  const sample = Float64Array.from(inputs.flatMap((own) => [...own.sample])).map((time) => time / perSecond);
  const rows = inputs.map((own) => own.rows);
  return sliceTimes(sample.sort(), spec, { folder, rows, unitsPerSecond: perSecond, processes });
}
