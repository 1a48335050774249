import {
  HostJudge,
  type Outage,
  SilenceCalibration,
  type SilenceLevels,
  WatchedHours,
} from "@oddflow/detector";
import { OddflowError } from "@oddflow/preprocessing";
import { hourOfWeekIn } from "@oddflow/rules";
import { type CountedHours, type FlowTable, readHostHours } from "@oddflow/tables";
import { hostEntity, hostTimes } from "../hosts/host-entity.ts";
import { budgetText } from "../threshold-choice.ts";
import { LargestFew } from "./largest-few.ts";
import type { FallenHost, SilenceReport, SilentHost } from "./silence-report.ts";

const HOUR = 3600;
const DAY = 86_400;

/** Each hour from the baseline's first flow to the last one costs time and memory for each host; of longer stretches a clock is wrong, mostly. */
const MOST_DAYS = 3 * 366;

/** A report names so many of each kind at most. */
const MOST_LISTED = 1000;

export interface SilenceRequest {
  /** What a host is. */
  readonly by: string;
  /** Usual hosts that may be reported. */
  readonly budget: { readonly alarms: number; readonly seconds: number };
  /** The column of times; undefined where it is found by its name. */
  readonly time: string | undefined;
  readonly zone: string;
}

const USE = { command: "drift", option: "--by" };

/**
 * Finds hosts of a baseline that have stopped, or send far less, by the end of recent flows.
 * @throws OddflowError COLUMNS_MISSING; TABLE_EMPTY; USAGE where there are more than three years between the first flow and the last one; what
 * the tables throw
 */
export async function findSilence(
  tables: { readonly baseline: FlowTable; readonly recent: FlowTable },
  request: SilenceRequest,
): Promise<SilenceReport> {
  const withColumns = async (table: FlowTable): Promise<Parameters<typeof readHostHours>[0]["recent"]> => ({
    table,
    columns: {
      entity: hostEntity(table, request.by, USE),
      time: await hostTimes(table, request.time, USE),
    },
  });
  const found = await readHostHours({
    baseline: await withColumns(tables.baseline),
    recent: await withColumns(tables.recent),
  });
  const hourAt = hourOfWeekIn(request.zone);
  const [baseline, recent] = [found.baseline, found.recent].map(({ first, last, flows }) => ({
    from: first,
    to: last,
    flows,
  })) as [SilenceReport["baseline"], SilenceReport["recent"]];
  checkSpan(baseline.from, recent.to);
  const watched = new WatchedHours({
    baseline,
    recent,
    hours: found.hours,
    quiet: found.quiet,
    // The middle of an hour, for zones that are half an hour off.
    hourOfWeek: (hour) => hourAt(HOUR * hour + HOUR / 2),
  });
  const calibration = new SilenceCalibration(watched);
  for await (const host of found.hosts()) calibration.add(host);
  const levels = calibration.levels((request.budget.alarms * DAY) / request.budget.seconds);
  return {
    by: request.by,
    baseline,
    recent,
    ratesBy: watched.ratesBy,
    zone: request.zone,
    budget: budgetText(request.budget),
    hosts: levels.hosts,
    ...(await judgeHosts(found, watched, levels)),
    outages: recentOutages(watched),
  };
}

function checkSpan(from: number, to: number): void {
  const days = (to - from) / DAY;
  if (days <= MOST_DAYS) return;
  const [first, last] = [from, to].map((time) => new Date(1000 * time).toISOString().slice(0, 10));
  throw new OddflowError(
    "USAGE",
    `drift: --by: there are ${Math.round(days).toLocaleString("en-US")} days from the first flow of the baseline, ${first}, to the last one, ` +
      `${last}; expected ${MOST_DAYS.toLocaleString("en-US")} at most: a clock was wrong, or --baseline names flows of too long ago`,
  );
}

async function judgeHosts(
  found: CountedHours,
  watched: WatchedHours,
  levels: SilenceLevels,
): Promise<Pick<SilenceReport, "silent" | "silentBefore" | "fallen" | "seldom" | "seldomGone" | "new">> {
  type WithId<T> = Omit<T, "host"> & { readonly id: number };
  const judge = new HostJudge(watched, levels);
  const silent = new LargestFew<WithId<SilentHost>>(MOST_LISTED, ({ flowsADay }) => flowsADay);
  const fallen = new LargestFew<WithId<FallenHost>>(MOST_LISTED, ({ expected }) => expected);
  const counts = { silentBefore: 0, seldom: 0, seldomGone: 0, new: 0 };
  let neverCameAgain = 0;
  for await (const hours of found.hosts()) {
    const own = judge.judge(hours);
    if (own.kind === "silent") {
      const { since, missedAt, cameAgain, habit } = own;
      silent.add({ id: hours.id, since, missedAt, ...habit, cameAgain });
      if (!cameAgain) neverCameAgain++;
    } else if (own.kind === "fallen") fallen.add({ id: hours.id, ...own.sent });
    else if (own.kind === "silent before") counts.silentBefore++;
    else if (own.kind === "new") counts.new++;
    else if (own.kind === "seldom") {
      counts.seldom++;
      if (!own.cameAgain) counts.seldomGone++;
    }
  }
  const names = await found.names([...silent.listed, ...fallen.listed].map(({ id }) => id));
  const named = <T extends { readonly id: number }>({ id, ...own }: T): Omit<T, "id"> & { host: string } => ({
    host: names.get(id) ?? "",
    ...own,
  });
  return {
    silent: { count: silent.count, neverCameAgain, listed: silent.listed.map(named) },
    fallen: { count: fallen.count, listed: fallen.listed.map(named) },
    ...counts,
  };
}

function recentOutages({ outages, baseline, recent }: WatchedHours): SilenceReport["outages"] {
  const most = (some: readonly Outage[]): number =>
    some.reduce((longest, { usualFlows }) => Math.max(longest, usualFlows), 0);
  const own = outages.filter(({ from }) => from >= recent.from);
  const before = outages.filter(({ to }) => to <= baseline.to);
  return {
    count: own.length,
    isLonger: most(own) > most(before),
    listed: own.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, MOST_LISTED),
  };
}
