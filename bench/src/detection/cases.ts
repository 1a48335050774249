import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a detector is judged by; each is a share from 0 to 1, and higher is better. */
export const FIGURES = ["rocAuc", "foundAt5PercentFalseAlarms", "foundAt1PercentFalseAlarms"] as const;
export type Figure = (typeof FIGURES)[number];

/** A table, a split of it, and what Oddflow is to reach there. */
export interface DetectionCase {
  readonly name: string;
  readonly title: string;
  /** From the repository's root. Of two tables the first is trained on and the second tested; a time split needs one. */
  readonly tables: readonly [string] | readonly [training: string, test: string];
  readonly byTime: boolean;
  /** Share of attacks among the training flows. */
  readonly contamination: number;
  /** Columns that no detector is given. */
  readonly drop: readonly string[];
  readonly targets: Readonly<Partial<Record<Figure, number>>>;
}

const UNSW = "../shared/data/unsw-nb15/flows.parquet";
/** They nearly give the label away: attacks were sent from machines of their own. */
const TIMES_TO_LIVE = ["sttl", "dttl", "ct_state_ttl"];

export const CASES: readonly DetectionCase[] = [
  {
    name: "fixture",
    title: "fixtures/flows.parquet (made up), reference split, 5 % contamination",
    tables: ["fixtures/flows.parquet"],
    byTime: false,
    contamination: 0.05,
    drop: [],
    targets: {},
  },
  {
    name: "unsw-5",
    title: "UNSW-NB15, reference split, 5 % contamination",
    tables: [UNSW],
    byTime: false,
    contamination: 0.05,
    drop: [],
    targets: { rocAuc: 0.985, foundAt5PercentFalseAlarms: 0.97, foundAt1PercentFalseAlarms: 0.6 },
  },
  {
    name: "unsw-no-ttl",
    title: "UNSW-NB15 without sttl, dttl and ct_state_ttl, reference split, 5 % contamination",
    tables: [UNSW],
    byTime: false,
    contamination: 0.05,
    drop: TIMES_TO_LIVE,
    targets: { rocAuc: 0.95 },
  },
  {
    name: "unsw-0",
    title: "UNSW-NB15, reference split, no contamination",
    tables: [UNSW],
    byTime: false,
    contamination: 0,
    drop: [],
    targets: { rocAuc: 0.988 },
  },
  {
    name: "unsw-20",
    title: "UNSW-NB15, reference split, 20 % contamination",
    tables: [UNSW],
    byTime: false,
    contamination: 0.2,
    drop: [],
    targets: { rocAuc: 0.97 },
  },
  {
    name: "unsw-time",
    title: "UNSW-NB15, trained on the earlier day's normal flows, tested on the later day",
    tables: [UNSW],
    byTime: true,
    contamination: 0,
    drop: [],
    targets: { rocAuc: 0.95 },
  },
  {
    name: "nsl",
    title: "NSL-KDD, trained on its training table with 5 % contamination, tested on its test table",
    tables: ["../shared/data/nsl-kdd/train.parquet", "../shared/data/nsl-kdd/test.parquet"],
    byTime: false,
    contamination: 0.05,
    drop: [],
    targets: { rocAuc: 0.96 },
  },
];

/** The cases that a list of names asks for: "unsw" is every case whose name begins so. Undefined for an unknown name. */
export function chooseCases(names: readonly string[]): readonly DetectionCase[] | undefined {
  const asksFor = (name: string, found: DetectionCase): boolean =>
    found.name === name || found.name.startsWith(`${name}-`);
  if (names.some((name) => !CASES.some((found) => asksFor(name, found)))) return undefined;
  return CASES.filter((found) => names.some((name) => asksFor(name, found)));
}

/** Whether the test flows are of another day or network than the training flows; then an alert budget need not hold. */
export function isOtherTraffic({ byTime, tables }: DetectionCase): boolean {
  return byTime || tables.length > 1;
}

export function tablePath(table: string): string {
  return fileURLToPath(new URL(`../../../${table}`, import.meta.url));
}

/** The tables of a case that are not on this machine. */
export function missingTables({ tables }: DetectionCase): string[] {
  return tables.filter((table) => !existsSync(tablePath(table)));
}
