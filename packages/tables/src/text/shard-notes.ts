import { findSensor, SENSORS } from "@oddflow/flow-sources";
import type { TableFile } from "../table-files.ts";
import type { FileReading } from "../table-source.ts";
import { NotPlainText } from "./not-plain-text.ts";

/** What a shard of JSON lines had beside flows. It can go from process to process. */
export interface ShardNotes {
  /** What was no flow, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Names of records' own fields; those that perhaps only records had which are no flows. */
  readonly keys: readonly string[];
  readonly unsureKeys: readonly string[];
  /** Fields that some record of the table must have, and none of the shard had. */
  readonly lacking: readonly string[];
}

/**
 * What the file of a table of JSON lines was taken for, and what of it was left out.
 * @param notes of its shards, in their order
 * @throws NotPlainText where that takes a look at the whole file
 */
export function jsonReading(file: TableFile, notes: readonly ShardNotes[]): FileReading {
  const [first, ...others] = notes;
  const lacking = others.reduce(
    (names, own) => names.filter((name) => own.lacking.includes(name)),
    first?.lacking ?? [],
  );
  if (lacking.length > 0) throw new NotPlainText(`no ${lacking.join(", ")}`);
  const leftOut = new Map<string, number>();
  for (const [what, count] of notes.flatMap((own) => [...own.leftOut]))
    leftOut.set(what, (leftOut.get(what) ?? 0) + count);
  const sensor = file.sensor ?? sensorOf(notes);
  return { path: file.path, takenFor: sensor?.title, leftOut };
}

/** Whatever else there may be in records and in objects within them, the sensor is this one; else NotPlainText is thrown. */
function sensorOf(notes: readonly ShardNotes[]): ReturnType<typeof findSensor> {
  const keys = new Set(notes.flatMap((own) => own.keys));
  const sure = notes.flatMap((own) => own.keys.filter((name) => !own.unsureKeys.includes(name)));
  const outer = new Set([...keys].map((name) => name.trim().toLowerCase()));
  const within = SENSORS.flatMap(({ marks }) => marks.flat()).filter((name) =>
    outer.has(name.slice(0, Math.max(0, name.indexOf("."))).toLowerCase()),
  );
  const [surely, perhaps] = [findSensor(sure), findSensor([...keys, ...within])];
  if (surely !== perhaps) throw new NotPlainText("fields that may be a sensor's");
  return surely;
}
