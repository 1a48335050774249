import { summariseScores, thresholdForBudget } from "../alert-budget.ts";
import type { HostHours } from "./host-hours.ts";
import { UsualRate } from "./lost-rate.ts";
import { type LookedAt, rateBlocks } from "./rate-blocks.ts";
import { UsualHost } from "./usual-host.ts";
import type { WatchedHours } from "./watched-hours.ts";

/** What tells silent hosts, and hosts whose rate fell, from usual ones. */
export interface SilenceLevels {
  /** Of `UsualSilences.limit`. */
  readonly silent: number;
  /** Of `UsualRate.score`. */
  readonly fallen: number;
  /** How many hosts of the baseline came often enough to be missed. */
  readonly hosts: number;
}

/** Finds levels by what the baseline's hosts did themselves. */
export class SilenceCalibration {
  readonly #watched: WatchedHours;
  readonly #looked: LookedAt | undefined;
  readonly #silences: number[] = [];
  readonly #falls: number[] = [];
  #days = 0;

  constructor(watched: WatchedHours) {
    this.#watched = watched;
    this.#looked = rateBlocks(watched);
  }

  add(hours: HostHours): void {
    if (!UsualHost.isKnown(hours)) return;
    const host = new UsualHost(hours, this.#watched);
    this.#days += host.days;
    this.#silences.push(host.silences.longestByOthers);
    this.#falls.push(
      this.#looked === undefined ? 0 : new UsualRate(host.sentBefore(this.#looked.usual)).lowestByOthers,
    );
  }

  /**
   * Levels that so many usual hosts a day reach at most, half of them by silence and half by a rate that fell. Each host's longest silence, and
   * its stretch with the least flows, are held to what its others make likely: the hosts for which they are beyond it are what usual
   * traffic shows in the days of the baseline.
   */
  levels(hostsADay: number): SilenceLevels {
    const hosts = this.#silences.length;
    const share = Math.min(1, (0.5 * hostsADay * this.#days) / hosts ** 2);
    const level = (scores: readonly number[]): number =>
      hosts === 0
        ? Number.POSITIVE_INFINITY
        : thresholdForBudget(summariseScores(Float32Array.from(scores)), share);
    return { silent: level(this.#silences), fallen: level(this.#falls), hosts };
  }
}
