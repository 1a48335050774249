import { DAY } from "./weeks-of-traffic.ts";

/** Alarms as times the budget: of all flows, of each day's, and of each hour of the day's on all days. */
export interface RealisedAlarms {
  readonly all: number;
  readonly byDay: readonly number[];
  readonly byHour: readonly number[];
}

/** @param csv scored flows, with their times in seconds since 1970 as `ts` */
export function realisedAlarms(csv: string, threshold: number, budget: number): RealisedAlarms {
  const [header = "", ...lines] = csv.trimEnd().split("\n");
  const names = header.split(",");
  const [time, score] = [names.indexOf("ts"), names.indexOf("score")];
  const days = new Tally();
  const hours = new Tally();
  for (const line of lines) {
    const cells = line.split(",");
    const seconds = Number(cells[time]);
    const isAlarm = Number(cells[score]) >= threshold;
    days.add(Math.floor(seconds / DAY), isAlarm);
    hours.add(Math.floor((seconds % DAY) / 3600), isAlarm);
  }
  return { all: days.all / budget, byDay: days.shares(budget), byHour: hours.shares(budget) };
}

class Tally {
  readonly #counts = new Map<number, { flows: number; alarms: number }>();

  add(key: number, isAlarm: boolean): void {
    const own = this.#counts.get(key) ?? { flows: 0, alarms: 0 };
    this.#counts.set(key, own);
    own.flows++;
    if (isAlarm) own.alarms++;
  }

  get all(): number {
    const counts = [...this.#counts.values()];
    return (
      counts.reduce((sum, { alarms }) => sum + alarms, 0) / counts.reduce((sum, { flows }) => sum + flows, 0)
    );
  }

  shares(budget: number): number[] {
    return [...this.#counts]
      .sort(([a], [b]) => a - b)
      .map(([, { flows, alarms }]) => alarms / flows / budget);
  }
}
