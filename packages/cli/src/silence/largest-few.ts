/** Keeps the largest of many, and counts all. */
export class LargestFew<T> {
  count = 0;
  readonly #most: number;
  readonly #size: (item: T) => number;
  #kept: T[] = [];

  constructor(most: number, size: (item: T) => number) {
    this.#most = most;
    this.#size = size;
  }

  add(item: T): void {
    this.count++;
    this.#kept.push(item);
    if (this.#kept.length >= 2 * this.#most) this.#kept = [...this.listed];
  }

  /** The largest first. */
  get listed(): readonly T[] {
    return this.#kept.toSorted((a, b) => this.#size(b) - this.#size(a)).slice(0, this.#most);
  }
}
