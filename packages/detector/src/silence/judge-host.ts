import type { HostHours } from "./host-hours.ts";
import { type SentFlows, UsualRate } from "./lost-rate.ts";
import { type LookedAt, rateBlocks } from "./rate-blocks.ts";
import type { SilenceLevels } from "./silence-levels.ts";
import { UsualHost } from "./usual-host.ts";
import type { WatchedHours } from "./watched-hours.ts";

/** What a host that can be missed usually does. */
export interface HostHabit {
  readonly flowsADay: number;
  /** Seconds. */
  readonly longestSilence: number;
}

/** What has become of one host. */
export type HostJudgement =
  /** It was not there before. */
  | { readonly kind: "new" }
  /** It was there too seldom to be missed. */
  | { readonly kind: "seldom"; readonly cameAgain: boolean }
  | { readonly kind: "usual" }
  /** Its silence passed the level before the recent flows begin, and has not ended. */
  | { readonly kind: "silent before" }
  /** Its silence passed the level within the recent flows, and has not ended. */
  | {
      readonly kind: "silent";
      readonly habit: HostHabit;
      /** Its last flow, and when its silence passed the level; seconds since 1970. */
      readonly since: number;
      readonly missedAt: number;
      /** Whether any recent flow is its. */
      readonly cameAgain: boolean;
    }
  /** It still sends, far less than ever before. */
  | { readonly kind: "fallen"; readonly habit: HostHabit; readonly sent: SentFlows };

/** Judges hosts one by one. */
export class HostJudge {
  readonly #watched: WatchedHours;
  readonly #levels: SilenceLevels;
  readonly #looked: LookedAt | undefined;

  constructor(watched: WatchedHours, levels: SilenceLevels) {
    this.#watched = watched;
    this.#levels = levels;
    this.#looked = rateBlocks(watched);
  }

  judge(hours: HostHours): HostJudgement {
    if (hours.baseline === 0) return { kind: "new" };
    const cameAgain = hours.hour.length > hours.baseline;
    if (!UsualHost.isKnown(hours)) return { kind: "seldom", cameAgain };
    const host = new UsualHost(hours, this.#watched);
    const habit = { flowsADay: host.flows / host.days, longestSilence: host.longestSilence };
    const since = hours.last.at(-1) as number;
    const missedAt = host.reached(since, host.silences.limit(this.#levels.silent));
    const { recent } = this.#watched;
    if (missedAt <= recent.from) return { kind: "silent before" };
    if (missedAt <= recent.to) return { kind: "silent", habit, since, missedAt, cameAgain };
    if (this.#looked === undefined) return { kind: "usual" };
    const { usual, recentEnd } = this.#looked;
    const sent = host.sent(usual.length, recentEnd);
    const score = new UsualRate(host.sentBefore(usual)).score(sent);
    return score > 0 && score >= this.#levels.fallen ? { kind: "fallen", habit, sent } : { kind: "usual" };
  }
}
