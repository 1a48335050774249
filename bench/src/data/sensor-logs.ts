import { readFile, writeFile } from "node:fs/promises";
import type { ColumnCoding } from "@oddflow/preprocessing";
import { decideRoles, openTable } from "@oddflow/tables";
import { fromRoot } from "../inputs.ts";
import { makeOnce } from "./make-once.ts";

/** Enough for a run of a second in Python. */
export const SENSOR_FLOWS = 200_000;

/** What a sensor writes, at length: the lines of a real tool's output, over and over. */
export interface SensorLog {
  readonly name: string;
  readonly path: string;
  /** A file with the codings of the columns that a model would read, as JSON. */
  readonly codings: string;
}

export async function sensorLogs(): Promise<SensorLog[]> {
  const logs: SensorLog[] = [];
  for (const [name, fixture, isBody] of FIXTURES) {
    const source = fromRoot(`fixtures/sensors/${fixture}`);
    const ending = fixture.slice(fixture.lastIndexOf("."));
    const path = await makeOnce(
      fromRoot(`bench/data/sensors/${name}${ending}`),
      [source],
      async (unfinished) => {
        const lines = (await readFile(source, "utf8")).trimEnd().split("\n");
        const start = lines.findIndex(isBody);
        const body = lines.slice(start).filter(isBody);
        const flows = Array.from({ length: SENSOR_FLOWS }, (_, i) => body[i % body.length]);
        await writeFile(unfinished, `${[...lines.slice(0, start), ...flows].join("\n")}\n`);
      },
    );
    logs.push({ name, path, codings: await codingsOf(path) });
  }
  return logs;
}

/** Name, file in fixtures/sensors, and which of its lines are flows. */
const FIXTURES: readonly (readonly [string, string, (line: string) => boolean])[] = [
  ["zeek", "zeek/conn.log", (line) => !line.startsWith("#")],
  ["nfdump", "nfdump/nfdump-1.7.5.csv", (line) => /^\d{4}-/.test(line)],
  ["nfdump-48", "nfdump/nfdump-1.7.1.csv", (line) => /^\d{4}-/.test(line)],
  ["argus", "argus/ra.csv", (line) => /^\d/.test(line) && !line.includes(",man,")],
  ["suricata", "suricata/eve-flow.json", (line) => line.startsWith("{")],
];

/** Longer vocabularies than these lines have. */
const LARGEST_VOCABULARY = 256;

async function codingsOf(path: string): Promise<string> {
  const codings: ColumnCoding[] = [];
  const table = await openTable(path);
  const { decisions } = await decideRoles(table, "auto", new Map());
  for (const { name, role } of decisions) {
    if (role === "number") codings.push({ kind: "number", name });
    if (role === "category") {
      const vocabulary = await table.distinctValues(name, "text", LARGEST_VOCABULARY);
      codings.push({ kind: "category", name, valueType: "text", vocabulary });
    }
  }
  table.close();
  const file = `${path}.codings.json`;
  await writeFile(file, JSON.stringify(codings));
  return file;
}
