import type { Incident } from "@oddflow/incidents";
import type { OutputPlace } from "@oddflow/tables";
import { hasEnded, writeBytes } from "../standard-streams.ts";
import { complain, print } from "../terminal.ts";
import { formatCounts, formatWorst, incidentLine } from "./format-incidents.ts";
import type { IncidentCounts } from "./gather-incidents.ts";
import { type IncidentFormat, incidentLines } from "./incident-lines.ts";
import { WorstIncidents } from "./worst-incidents.ts";

/** Where incidents go, and in which form. */
export interface IncidentOutputOptions {
  /** Of lines for machines; undefined for a person's. */
  readonly format: IncidentFormat | undefined;
  /** The file that they go into; undefined for standard output. */
  readonly place: OutputPlace | undefined;
  /** How many of the worst are printed at the end; undefined where each is printed when it has ended. */
  readonly oddest: number | undefined;
}

/** Writes incidents when they have ended, and at last what they come to. */
export class IncidentOutput {
  readonly #place: OutputPlace | undefined;
  readonly #lines: ((incidents: readonly Incident[]) => string) | undefined;
  readonly #worst: WorstIncidents | undefined;

  constructor({ format, place, oddest }: IncidentOutputOptions) {
    this.#place = place;
    this.#lines = format && incidentLines(format);
    this.#worst = oddest === undefined ? undefined : new WorstIncidents(oddest);
  }

  /** Whether programs read standard output. */
  get isForPrograms(): boolean {
    return this.#lines !== undefined && this.#place === undefined;
  }

  /** @returns whether more are of use: not where nobody reads them */
  async write(incidents: readonly Incident[]): Promise<boolean> {
    if (this.#lines !== undefined) {
      const lines = this.#lines(incidents);
      if (this.#place === undefined) await writeBytes(process.stdout, lines);
      else await this.#place.append(new TextEncoder().encode(lines));
    }
    if (this.#worst !== undefined) this.#worst.add(incidents);
    else if (this.#lines === undefined) print(incidents.map(incidentLine).join(""));
    return this.#place !== undefined || !hasEnded(process.stdout);
  }

  /** @param flows how many were looked at */
  async end(counts: IncidentCounts, flows: number): Promise<void> {
    await this.#place?.take();
    const tell = this.isForPrograms ? complain : print;
    if (this.#worst !== undefined) tell(formatWorst(this.#worst.worst));
    tell(formatCounts(counts, flows));
    if (this.#place !== undefined) tell(`written    ${this.#place.path}\n`);
  }
}
