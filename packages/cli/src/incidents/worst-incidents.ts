import { bySeverity, type Incident } from "@oddflow/incidents";

/** The most severe of many incidents. */
export class WorstIncidents {
  readonly #count: number;
  #worst: Incident[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  add(incidents: readonly Incident[]): void {
    this.#worst = [...this.#worst, ...incidents].sort(bySeverity).slice(0, this.#count);
  }

  /** The worst first. */
  get worst(): readonly Incident[] {
    return this.#worst;
  }
}
