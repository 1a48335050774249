import type { Outage, RatesBy, Stretch } from "@oddflow/detector";

/** A host that has stopped. Times are in seconds since 1970. */
export interface SilentHost {
  readonly host: string;
  /** Its last flow. */
  readonly since: number;
  /** From when on its silence is beyond what is usual. */
  readonly missedAt: number;
  /** What it did in the baseline. */
  readonly flowsADay: number;
  /** Seconds. */
  readonly longestSilence: number;
  /** Whether it came in the recent flows at all. */
  readonly cameAgain: boolean;
}

/** A host that sends far less than ever before. */
export interface FallenHost {
  readonly host: string;
  /** In the hours that were looked at; an hour far above its median counts as three times that. */
  readonly flows: number;
  readonly expected: number;
}

/** Of how many, and the first of them. */
export interface Listed<T> {
  readonly count: number;
  readonly listed: readonly T[];
}

/** What hosts of a baseline have become in recent flows. */
export interface SilenceReport {
  /** What a host is. */
  readonly by: string;
  readonly baseline: Stretch & { readonly flows: number };
  readonly recent: Stretch & { readonly flows: number };
  readonly ratesBy: RatesBy;
  readonly zone: string;
  /** Usual hosts that may be reported. */
  readonly budget: string;
  /** Hosts that came often enough before to be missed. */
  readonly hosts: number;
  /** Those with the most flows first. */
  readonly silent: Listed<SilentHost> & { readonly neverCameAgain: number };
  /** Hosts that were silent before the recent flows begin, and still are. */
  readonly silentBefore: number;
  /** Those with the most expected flows first. */
  readonly fallen: Listed<FallenHost>;
  /** Hosts that came too seldom before to be missed, and those of them that did not come again. */
  readonly seldom: number;
  readonly seldomGone: number;
  /** Hosts that were not there before. */
  readonly new: number;
  /** Stretches of the recent flows without a flow of anybody, the longest first; `isLonger` where one is more than any of the baseline. */
  readonly outages: Listed<Outage> & { readonly isLonger: boolean };
}

/** What is reported of hosts, as names for `DriftReport.past`. */
export function silencePast({ silent, fallen, outages }: SilenceReport): readonly string[] {
  return [
    ...(silent.count > 0 ? ["silent hosts"] : []),
    ...(fallen.count > 0 ? ["hosts whose rate fell"] : []),
    ...(outages.isLonger ? ["no flow of anybody"] : []),
  ];
}
