import { LEAST_PROBABILITY } from "@oddflow/detector";
import { BETWEEN_HOSTS } from "@oddflow/flow-sources";
import { CALENDAR, isSuppressed } from "@oddflow/preprocessing";
import type { FlowColumns } from "../reading/index.ts";
import type { JudgedFlows } from "../scoring/judged-flows.ts";
import { hostColumns, hostText } from "./host-columns.ts";

/** Which host windows are counted. */
export interface WindowsRequest {
  /** What a host is: source, destination or pair. */
  readonly entity: string;
  /** The length of a window, from multiples of it since 1970. */
  readonly seconds: number;
}

/** The flows of one host in one stretch of time. */
export interface TalliedWindow {
  readonly host: string;
  /** A table in the page is one network. */
  readonly network: null;
  /** Seconds since 1970. */
  readonly start: number;
  readonly flows: number;
  /** How many of them are alarms that no rule takes away. */
  readonly alarms: number;
  /** The sum of 1 / probability, to three decimals of each. */
  readonly inverseSum: number;
  /** The columns that made its oddest flow odd, of those whose alarm no rule takes away; empty where there is none. */
  readonly topColumns: string;
  /** One of its flows, from 0. */
  readonly row: number;
}

/** A table's host windows, in the order of their times, then of hosts. */
export interface TalliedWindows {
  readonly windows: readonly TalliedWindow[];
  /** Flows without a host or a time, which are in none. */
  readonly leftOut: number;
}

interface Tally {
  readonly host: string;
  readonly start: number;
  flows: number;
  alarms: number;
  thousandths: number;
  score: number;
  oddest: number;
  readonly row: number;
}

/**
 * Sums up scored flows by hosts and windows of time, as `readHostWindows` of `@oddflow/tables` does in SQL. A flow whose alarm a rule takes away
 * is a usual one. Sums are of whole thousandths, so that they hang on no order.
 * @returns what the table does not say, where it does not say when flows were or whose they are
 */
export function countHostWindows(
  judged: JudgedFlows,
  { entity, seconds }: WindowsRequest,
): TalliedWindows | "addresses" | "times" {
  const { table, times, scores, verdict, ruling } = judged;
  const hostOf = hostReader(table, entity);
  if (times === undefined) return "times";
  if (hostOf === undefined) return "addresses";
  const tallies = new Map<string, Tally>();
  let leftOut = 0;
  for (let row = 0; row < table.rows; row++) {
    const host = hostOf(row);
    const time = times.seconds[row] as number;
    if (host === null || !(time >= CALENDAR.from && time <= CALENDAR.to)) {
      leftOut++;
      continue;
    }
    const start = Math.floor(time / seconds) * seconds;
    const score = scores[row] as number;
    const isOdd = verdict.isAnomaly(score);
    const isTaken = isOdd && isSuppressed(ruling?.(row));
    const tally = tallyOf(tallies, host, start, row);
    tally.flows++;
    tally.alarms += Number(isOdd && !isTaken);
    tally.thousandths += thousandths(isTaken ? 1 : judged.rarity(score));
    if (!isTaken && isOdder(judged, row, tally)) {
      tally.oddest = row;
      tally.score = score;
    }
  }
  const windows = [...tallies.values()].sort(
    (one, other) => one.start - other.start || compareTexts(one.host, other.host),
  );
  return {
    leftOut,
    windows: windows.map(({ host, start, flows, alarms, thousandths: sum, oddest, row }) => ({
      host,
      network: null,
      start,
      flows,
      alarms,
      inverseSum: sum / 1000,
      row,
      topColumns: oddest < 0 ? "" : judged.topColumns(oddest).join(", "),
    })),
  };
}

/** As a scored table holds it: in a single. */
function thousandths(rarity: number): number {
  return Math.round(1000 / Math.max(LEAST_PROBABILITY, Math.fround(rarity)));
}

function tallyOf(tallies: Map<string, Tally>, host: string, start: number, row: number): Tally {
  const key = `${start} ${host}`;
  const known = tallies.get(key);
  if (known !== undefined) return known;
  const tally = {
    host,
    start,
    flows: 0,
    alarms: 0,
    thousandths: 0,
    score: Number.NEGATIVE_INFINITY,
    oddest: -1,
    row,
  };
  tallies.set(key, tally);
  return tally;
}

/** By the score, then by the names of the columns. */
function isOdder({ scores, topColumns }: JudgedFlows, row: number, { score, oddest }: Tally): boolean {
  const own = scores[row] as number;
  if (own !== score || oddest < 0) return own > score;
  return compareTexts(topColumns(row).join(", "), topColumns(oddest).join(", ")) > 0;
}

/** Gives the host of a row, null where it has none. */
function hostReader(table: FlowColumns, entity: string): ((row: number) => string | null) | undefined {
  const ends = hostColumns(table, entity)?.map((columns) => columns.map(hostText));
  if (ends === undefined) return undefined;
  const first = (texts: readonly ((row: number) => string | null)[], row: number): string | null => {
    for (const text of texts) {
      const own = text(row);
      if (own !== null) return own;
    }
    return null;
  };
  return (row) => {
    const hosts = ends.map((own) => first(own, row));
    return hosts.includes(null) ? null : hosts.join(BETWEEN_HOSTS);
  };
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
