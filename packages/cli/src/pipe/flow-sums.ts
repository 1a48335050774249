import type { ColumnSpec } from "@oddflow/preprocessing";
import { addCounts } from "../add-counts.ts";
import { AbsentColumns } from "./absent-columns.ts";
import type { FlowCounts } from "./piece-scorer.ts";

/** What was scored of a stream so far. */
export class FlowSums {
  flows = 0;
  alerts = 0;
  readonly suppressed: Map<string, number> = new Map<string, number>();
  missing = 0;
  readonly unseen: Map<string, number> = new Map<string, number>();
  readonly #absent: AbsentColumns;

  constructor(columns: readonly ColumnSpec[]) {
    this.#absent = new AbsentColumns(columns);
  }

  add({ flows, alerts, suppressed, missing, unseen, absent }: FlowCounts): void {
    this.flows += flows;
    this.alerts += alerts;
    this.missing += missing;
    addCounts(this.suppressed, suppressed);
    addCounts(this.unseen, unseen);
    if (flows > 0) this.#absent.keep(absent);
  }

  /** Goes on with the columns of another model. */
  changeColumns(columns: readonly ColumnSpec[]): void {
    this.#absent.changeColumns(columns);
  }

  /** Names of the columns that no flow had a value of; none where there was no flow. */
  get absent(): readonly string[] {
    return this.flows === 0 ? [] : this.#absent.names;
  }
}
