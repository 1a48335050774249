/** A time that is farther away than this, in seconds, is first taken for a wrong one. */
const LEAP = 86_400;

/** So many flows in a row make a wrong time a right one. */
const BELIEVED = 10;

/** Tells how late it is by the times of flows as they come: one flow of the year 2100 does not end all that is open. */
export class StreamClock {
  /** The latest time that is believed, in seconds since 1970. */
  now: number = Number.NEGATIVE_INFINITY;
  #strays = 0;

  /** @param time seconds since 1970; NaN says nothing */
  see(time: number): void {
    if (Number.isNaN(time)) return;
    if (this.now > Number.NEGATIVE_INFINITY && Math.abs(time - this.now) > LEAP) {
      this.#strays++;
      if (this.#strays < BELIEVED) return;
      this.now = time;
    }
    this.#strays = 0;
    this.now = Math.max(this.now, time);
  }
}
