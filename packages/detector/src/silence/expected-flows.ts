import type { Stretch } from "./host-hours.ts";

const HOUR = 3600;

/** How many flows are expected by any time, hour after hour: a clock that runs as fast as flows come. */
export class ExpectedFlows {
  readonly #first: number;
  /** By the beginning of each hour, and by the end of the last one. */
  readonly #until: Float64Array;

  /**
   * @param first the first hour, in hours since 1970
   * @param rates expected in each hour from the first on
   */
  constructor(first: number, rates: Float64Array) {
    this.#first = first;
    this.#until = new Float64Array(rates.length + 1);
    for (let k = 0; k < rates.length; k++)
      this.#until[k + 1] = (this.#until[k] as number) + (rates[k] as number);
  }

  /** In a stretch of the hours. */
  within({ from, to }: Stretch): number {
    return this.#by(to) - this.#by(from);
  }

  /** When so many have been expected since a time, in seconds since 1970; infinite where that is behind the last hour. */
  reached(from: number, wanted: number): number {
    const sought = this.#by(from) + wanted;
    const hours = this.#until.length - 1;
    if (sought > (this.#until[hours] as number)) return Number.POSITIVE_INFINITY;
    let [low, high] = [0, hours];
    // The first hour by whose end it is.
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#until[middle + 1] as number) >= sought) high = middle;
      else low = middle + 1;
    }
    const before = this.#until[low] as number;
    const own = (this.#until[low + 1] as number) - before;
    return HOUR * (this.#first + low + (own > 0 ? (sought - before) / own : 0));
  }

  #by(time: number): number {
    const hours = Math.min(this.#until.length - 1, Math.max(0, time / HOUR - this.#first));
    const hour = Math.min(this.#until.length - 2, Math.floor(hours));
    const before = this.#until[hour] as number;
    return before + (hours - hour) * ((this.#until[hour + 1] as number) - before);
  }
}
