import { existsSync } from "node:fs";
import { basename, dirname, extname, isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import type { Figure } from "./figures.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";

/** A table and how it is split. */
export interface DetectionTable {
  readonly name: string;
  readonly title: string;
  /** Absolute, or from the repository's root. Of two the first is trained on and the second tested. */
  readonly paths: readonly [string] | readonly [training: string, test: string];
  /**
   * "reference": 80 % of the normal flows to train on, a tenth held back, a tenth tested. "70 %": 70 % of every kind to
   * train on and hold back, the rest tested. "time": trained on what is earlier, tested on what is later. "tables":
   * trained on the first table, tested on the second.
   */
  readonly parts: "reference" | "70 %" | "time" | "tables";
  /** Columns that no detector is given. */
  readonly drop: readonly string[];
  /** Names the networks that addresses belong to; no feature. */
  readonly network?: string;
  /** Names the kinds of attacks, where the label column does not. */
  readonly kinds?: string;
  readonly scenarios: readonly Scenario[];
  /** What Oddflow is to reach, by the scenario's name. */
  readonly targets: Readonly<Record<string, Readonly<Partial<Record<Figure, number>>>>>;
}

const UNSW = "../shared/data/unsw-nb15/flows.parquet";
/** They nearly give the label away: attacks were sent from machines of their own. */
const TIMES_TO_LIVE = ["sttl", "dttl", "ct_state_ttl"];

export const TABLES: readonly DetectionTable[] = [
  {
    name: "fixture",
    title: "fixtures/flows.parquet (made up)",
    paths: ["fixtures/flows.parquet"],
    parts: "reference",
    drop: [],
    scenarios: SCENARIOS,
    targets: {},
  },
  {
    name: "unsw",
    title: "UNSW-NB15",
    paths: [UNSW],
    parts: "reference",
    drop: [],
    scenarios: SCENARIOS,
    targets: {
      "0": { rocAuc: 0.988 },
      "5": {
        rocAuc: 0.985,
        foundAt5PercentFalseAlarms: 0.97,
        foundAt1PercentFalseAlarms: 0.65,
        foundAtTenthPercentFalseAlarms: 0.25,
      },
      "20": { rocAuc: 0.97 },
    },
  },
  {
    name: "unsw-no-ttl",
    title: "UNSW-NB15 without sttl, dttl and ct_state_ttl",
    paths: [UNSW],
    parts: "reference",
    drop: TIMES_TO_LIVE,
    scenarios: SCENARIOS.filter(({ name }) => name === "5"),
    targets: { "5": { rocAuc: 0.95 } },
  },
  {
    name: "unsw-time",
    title: "UNSW-NB15, trained on the earlier day, tested on the later",
    paths: [UNSW],
    parts: "time",
    drop: [],
    scenarios: SCENARIOS,
    targets: { "0": { rocAuc: 0.97, foundAt1PercentFalseAlarms: 0.66 } },
  },
  {
    name: "nsl",
    title: "NSL-KDD, trained on its training table, tested on its test table",
    paths: ["../shared/data/nsl-kdd/train.parquet", "../shared/data/nsl-kdd/test.parquet"],
    parts: "tables",
    drop: [],
    scenarios: SCENARIOS,
    targets: { "5": { rocAuc: 0.96, foundAt1PercentFalseAlarms: 0.51 } },
  },
  {
    name: "iot23",
    title: "IoT-23, four captures",
    paths: ["../shared/data/iot23/flows.parquet"],
    parts: "70 %",
    drop: [],
    network: "capture",
    kinds: "detailed-label",
    scenarios: SCENARIOS,
    targets: {
      "0": { rocAuc: 0.993, foundAt1PercentFalseAlarms: 0.77 },
      "5-bulk": { rocAuc: 0.985, foundAt1PercentFalseAlarms: 0.6 },
    },
  },
];

/** A table of the user's own: named by its file, or by its folder where the file is called flows. */
export function ownTable(path: string): DetectionTable {
  const file = basename(path, extname(path));
  return {
    name: file === "flows" ? basename(dirname(path)) : file,
    title: path,
    paths: [path],
    parts: "70 %",
    drop: [],
    scenarios: SCENARIOS,
    targets: {},
  };
}

export const CASE_NAMES: readonly string[] = TABLES.flatMap((table) =>
  table.scenarios.map((scenario) => caseName(table, scenario)),
);

export function caseName(table: DetectionTable, scenario: Scenario): string {
  return `${table.name}-${scenario.name}`;
}

/** The cases that a list of names asks for: "unsw" is every case whose name begins so. Undefined for an unknown name. */
export function chooseTables(names: readonly string[]): readonly DetectionTable[] | undefined {
  const asksFor = (name: string, found: string): boolean => found === name || found.startsWith(`${name}-`);
  if (names.some((name) => !CASE_NAMES.some((found) => asksFor(name, found)))) return undefined;
  return TABLES.map((table) => ({
    ...table,
    scenarios: table.scenarios.filter((scenario) =>
      names.some((name) => asksFor(name, caseName(table, scenario))),
    ),
  })).filter(({ scenarios }) => scenarios.length > 0);
}

/** Whether the test flows are of another day or network than the training flows; then an alert budget need not hold. */
export function isOtherTraffic({ parts }: DetectionTable): boolean {
  return parts === "time" || parts === "tables";
}

export function tablePath(path: string): string {
  return isAbsolute(path) ? path : fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

/** The files of a table that are not on this machine. */
export function missingFiles({ paths }: DetectionTable): string[] {
  return paths.filter((path) => !existsSync(tablePath(path)));
}
