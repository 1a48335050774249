/** A stretch of time, in seconds since 1970. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The hours, in hours since 1970, in which one host sent flows, in the order of time; lists of one length. */
export interface HostHours {
  readonly hour: readonly number[];
  readonly flows: readonly number[];
  /** The last flow, in seconds since 1970. */
  readonly last: readonly number[];
  /** The widest gap between two of its flows that ends in that hour, in seconds since 1970; NaN where its first flow is the only one. */
  readonly gapFrom: readonly number[];
  readonly gapTo: readonly number[];
  /** How many of the hours, from the first on, are the baseline's. */
  readonly baseline: number;
}
