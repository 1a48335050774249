import { runOddflow } from "../processes/run-oddflow.ts";
import { IOT_23, type SplitTable, UNSW_NB15, withSplitTable } from "../split-tables.ts";
import { writeDated } from "../write-dated.ts";
import { foundAt, RANKINGS, readHostRows } from "./windows.ts";

/*
 * `pnpm bench:hosts`: how many attacked hosts `oddflow hosts` finds at few false alarms, beside counting alarms per host. Each table
 * is trained on by its earlier flows, which are the baseline too, attacks among them; its later flows are scored. A host window is
 * attacked where any of its flows is.
 */

interface HostCase extends SplitTable {
  /** The label column, and what attacks are called there. */
  readonly label: string;
  readonly attacks: readonly string[];
}

const CASES: readonly HostCase[] = [
  { ...UNSW_NB15, label: "binary_label", attacks: ["1"] },
  { ...IOT_23, label: "label", attacks: ["Malicious"] },
];

/** Used for nothing else: what was tried was tried on others. */
const SEEDS = [3, 4, 5];
const WINDOWS = ["10m", "1h"];
const ENTITIES = ["source", "destination"];
const FALSE_WINDOWS = [1, 3, 10];

const OWN_BASELINE = "oddflow hosts --own-baseline";

const results: Record<string, unknown>[] = [];
for (const own of CASES)
  if (!(await withSplitTable(own, (at) => runCase(own, at))))
    print(`skipped: ${own.name}, since ${own.path} is not there`);
print(`\nEvery figure: ${writeDated("hosts", results)}`);

function runCase(own: HostCase, at: (name: string) => string): void {
  const network = own.network === undefined ? [] : ["--context-by", own.network];
  const found = new Map<string, number[]>();
  for (const seed of SEEDS) {
    runOddflow("train", at("earlier.parquet"), "-o", at("model.onnx"), "--seed", `${seed}`, ...network);
    for (const part of ["earlier", "later"])
      runOddflow("score", at(`${part}.parquet`), "-m", at("model.onnx"), "-o", at(`${part}.scored.parquet`));
    for (const entity of ENTITIES)
      for (const window of WINDOWS) {
        const how = ["--entity", entity, "--window", window];
        const hosts = (name: string, ...more: string[]): ReturnType<typeof readHostRows> => {
          runOddflow("hosts", at("later.scored.parquet"), ...how, ...more, "-o", at(name));
          return readHostRows(at(name));
        };
        // As if each kind of label were a network: its host windows have such flows.
        const key = ({ host, window_start }: { host: string; window_start: string }): string =>
          JSON.stringify([host, window_start]);
        const attacked = new Set(
          hosts("labels.ndjson", "--context-by", own.label)
            .filter((row) => own.attacks.includes(row.network ?? ""))
            .map(key),
        );
        const ways = {
          [OWN_BASELINE]: hosts(
            "beside.ndjson",
            "--own-baseline",
            "--baseline",
            at("earlier.scored.parquet"),
            ...network,
          ),
          ...Object.fromEntries(
            Object.keys(RANKINGS).map((name) => [name, hosts("alone.ndjson", ...network)]),
          ),
        };
        for (const [way, rows] of Object.entries(ways)) {
          const ranking = RANKINGS[way] ?? (({ score }) => score);
          const shares = FALSE_WINDOWS.map((count) =>
            foundAt(rows, (row) => attacked.has(key(row)), ranking, count),
          );
          results.push({
            table: own.name,
            seed,
            entity,
            window,
            way,
            windows: rows.length,
            attacked: attacked.size,
            shares,
          });
          for (const [k, share] of shares.entries()) {
            const name = JSON.stringify([entity, window, way, FALSE_WINDOWS[k]]);
            found.set(name, [...(found.get(name) ?? []), share]);
          }
        }
      }
  }
  print(
    `\n${own.name}: attacked host windows found above all but 1, 3 and 10 others, mean of ${SEEDS.length} seeds`,
  );
  for (const entity of ENTITIES)
    for (const window of WINDOWS)
      for (const way of [OWN_BASELINE, ...Object.keys(RANKINGS)]) {
        const cells = FALSE_WINDOWS.map((count) => {
          const shares = found.get(JSON.stringify([entity, window, way, count])) ?? [];
          return `${Math.round((100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length)} %`.padStart(
            6,
          );
        });
        print(`  ${entity.padEnd(12)}${window.padEnd(5)}${way.padEnd(32)}${cells.join("")}`);
      }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
