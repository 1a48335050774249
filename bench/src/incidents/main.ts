import { readFileSync } from "node:fs";
import { type Alarm, alarmReader, DEFAULT_INCIDENTS, IncidentStream } from "@oddflow/incidents";
import { runOddflow } from "../processes/run-oddflow.ts";
import { IOT_23, type SplitTable, UNSW_NB15, withSplitTable } from "../split-tables.ts";
import { writeDated } from "../write-dated.ts";

/*
 * `pnpm bench:incidents`: how many incidents alarms become, and how many of the alarms are of the kind that is most frequent in their incident, by
 * the labels of real tables; beside other ways to say which alarms are alike. A model is trained on a table's earlier flows and scores its later ones.
 */

interface LabelledTable extends SplitTable {
  /** What kind of traffic a flow is. */
  readonly kind: string;
}

const TABLES: readonly LabelledTable[] = [
  {
    ...UNSW_NB15,
    name: "UNSW-NB15, by attack_label",
    kind: "attack_label",
  },
  {
    ...IOT_23,
    name: "IoT-23, by detailed-label",
    kind: "detailed-label",
  },
];

/** Used for nothing else: what was tried was tried on others. */
const SEEDS = [3, 4, 5];
const BUDGETS = [0.001, 0.01];

/** By how many of their leading columns alarms are compared. */
const WAYS: Readonly<Record<string, number>> = {
  "host alone": 0,
  "the leading column": 1,
  "both of two leading ones": 2,
  "oddflow incidents, two of three": 3,
};

const results: Record<string, unknown>[] = [];
for (const table of TABLES)
  if (!(await withSplitTable(table, (at) => measureTable(table, at))))
    print(`skipped: ${table.name}, since ${table.path} is not there`);
print(`\nEvery figure: ${writeDated("incidents", results)}`);

function measureTable({ name, network, kind }: LabelledTable, at: (file: string) => string): void {
  print(
    `\n${name}: alarms, incidents, and alarms of their incident's most frequent kind; seeds ${SEEDS.join(", ")}`,
  );
  for (const seed of SEEDS) {
    const by = network === undefined ? [] : ["--context-by", network];
    runOddflow("train", at("earlier.parquet"), "-o", at("model.onnx"), "--seed", `${seed}`, ...by);
    for (const budget of BUDGETS) {
      const how = ["--budget", `${budget}`, "--top", "3"];
      runOddflow("score", at("later.parquet"), "-m", at("model.onnx"), "-o", at("scored.ndjson"), ...how);
      const alarms = readAlarms(at("scored.ndjson"), network, kind);
      for (const [way, columns] of Object.entries(WAYS)) {
        const { incidents, ofOneKind } = groupAlarms(alarms, columns);
        results.push({ table: name, seed, budget, way, alarms: alarms.length, incidents, ofOneKind });
      }
    }
  }
  for (const budget of BUDGETS)
    for (const way of Object.keys(WAYS)) {
      const own = results.filter(
        (row) => row["table"] === name && row["budget"] === budget && row["way"] === way,
      );
      const mean = (field: string): number =>
        own.reduce((sum, row) => sum + Number(row[field]), 0) / Math.max(1, own.length);
      const cells = [
        Math.round(mean("alarms")),
        Math.round(mean("incidents")),
        mean("alarms") === 0 ? "" : `${Math.round(100 * mean("ofOneKind"))} %`,
      ];
      print(
        `  ${String(100 * budget).padEnd(4)}%  ${way.padEnd(34)}${cells.map((cell) => String(cell).padStart(9)).join("")}`,
      );
    }
}

/** Alarms in the order of their times, whose protocol says which kind they are: so that an incident counts kinds. */
function readAlarms(path: string, network: string | undefined, kind: string): Alarm[] {
  const flows = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const reader = alarmReader(Object.keys(flows[0] ?? {}), { entity: "source", network });
  return flows
    .flatMap((flow) => {
      const { alarm } = reader.read((place) => flow[reader.columns[place] as string], null);
      return alarm === undefined ? [] : [{ ...alarm, flow: { ...alarm.flow, protocol: String(flow[kind]) } }];
    })
    .sort((a, b) => a.time - b.time);
}

function groupAlarms(
  alarms: readonly Alarm[],
  columns: number,
): { readonly incidents: number; readonly ofOneKind: number } {
  const stream = new IncidentStream(DEFAULT_INCIDENTS);
  for (const alarm of alarms) stream.add({ ...alarm, columns: alarm.columns.slice(0, columns) });
  const found = stream.end();
  const ofMost = found.reduce((sum, { protocols }) => sum + (protocols.most[0]?.flows ?? 0), 0);
  return { incidents: found.length, ofOneKind: alarms.length === 0 ? 1 : ofMost / alarms.length };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
