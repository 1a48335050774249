import type { FlowRecord } from "./encode.ts";

/** So many different sets of columns are remembered: sensors have a few. */
const MOST_KINDS = 64;

/** What is made for flows that have certain columns, for flows as records, whose columns may differ from one to the next. */
export class ByRecordColumns<Bound> {
  readonly #bind: (columns: readonly string[]) => Bound;
  readonly #bound = new Map<string, Bound>();

  /** @param bind is given the names of a record's fields; of those of an object with its name and a dot before */
  constructor(bind: (columns: readonly string[]) => Bound) {
    this.#bind = bind;
  }

  of(record: FlowRecord): Bound {
    const columns = columnsOf(record, "");
    const kind = columns.join("\0");
    const known = this.#bound.get(kind);
    if (known !== undefined) return known;
    if (this.#bound.size === MOST_KINDS) this.#bound.clear();
    const bound = this.#bind(columns);
    this.#bound.set(kind, bound);
    return bound;
  }
}

function columnsOf(record: FlowRecord, outer: string): string[] {
  return Object.entries(record).flatMap(([name, value]) =>
    isObject(value) ? columnsOf(value, `${outer}${name}.`) : [outer + name],
  );
}

function isObject(value: unknown): value is FlowRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
