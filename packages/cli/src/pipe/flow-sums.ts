import type { ColumnSpec } from "@oddflow/preprocessing";
import { addCounts } from "../add-counts.ts";
import type { FlowCounts } from "./piece-scorer.ts";

/** What was scored of a stream so far. */
export class FlowSums {
  flows = 0;
  alerts = 0;
  missing = 0;
  readonly unseen: Map<string, number> = new Map<string, number>();
  #columns: readonly ColumnSpec[];
  #absent: readonly number[];

  constructor(columns: readonly ColumnSpec[]) {
    this.#columns = columns;
    this.#absent = [...columns.keys()];
  }

  add({ flows, alerts, missing, unseen, absent }: FlowCounts): void {
    this.flows += flows;
    this.alerts += alerts;
    this.missing += missing;
    addCounts(this.unseen, unseen);
    if (flows > 0) this.#absent = this.#absent.filter((column) => absent.includes(column));
  }

  /** Goes on with the columns of another model: those that flows had a value of are not absent. */
  changeColumns(columns: readonly ColumnSpec[]): void {
    const absent = new Set(this.#absent);
    const present = new Set(this.#columns.filter((_, column) => !absent.has(column)).map(({ name }) => name));
    this.#absent = [...columns.keys()].filter((column) => !present.has((columns[column] as ColumnSpec).name));
    this.#columns = columns;
  }

  /** Names of the columns that no flow had a value of; none where there was no flow. */
  get absent(): readonly string[] {
    return this.flows === 0 ? [] : this.#absent.map((column) => (this.#columns[column] as ColumnSpec).name);
  }
}
