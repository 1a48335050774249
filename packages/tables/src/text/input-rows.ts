import { createJsonRecordEncoder, type RowHead, SoughtCells } from "@oddflow/flow-sources";
import {
  type ContextSpec,
  contextInputs,
  contextLetters,
  contextNumbers,
  fieldValue,
} from "@oddflow/preprocessing";
import { JsonShardRecords } from "./json-shard-records.ts";
import { NotPlainText } from "./not-plain-text.ts";
import { ShardRows } from "./shard-rows.ts";
import type { TextShard } from "./text-table.ts";

/** Kinds of an input's values, as bits. */
const VALUE_KIND = { text: 1, number: 2 } as const;

export const MIXED: number = VALUE_KIND.text | VALUE_KIND.number;

/** Goes through a shard's flows for what their context is counted from. */
interface InputRows {
  /** Of JSON, the kinds of values by input. */
  readonly kinds: readonly number[];
  /** Writes the next flow's values of `contextInputs`; false where there is none. @throws NotPlainText */
  next(values: unknown[]): boolean;
  close(): void;
}

/** The flows of a table of cells. */
export class CellInputRows implements InputRows {
  readonly kinds: readonly number[] = [];
  readonly #rows: ShardRows;
  readonly #inputs: readonly string[];
  readonly #numbers: ReadonlySet<string>;
  #head: RowHead | undefined;
  #cells: SoughtCells | undefined;
  #places: readonly number[] = [];

  constructor(shard: TextShard, spec: ContextSpec) {
    this.#rows = new ShardRows(shard);
    this.#inputs = contextInputs(spec);
    this.#numbers = contextNumbers(spec);
  }

  next(values: unknown[]): boolean {
    const rows = this.#rows;
    while (rows.next()) {
      if (!rows.isComment && this.#cells?.read(rows.bytes, rows.from, rows.end, values) === true) return true;
      const row = rows.read();
      if (row === undefined) continue;
      this.#useHead(row.head);
      for (let k = 0; k < this.#places.length; k++) values[k] = row.cells[this.#places[k] as number];
      return true;
    }
    return false;
  }

  close(): void {
    this.#rows.close();
  }

  #useHead(head: RowHead): void {
    if (head === this.#head) return;
    this.#head = head;
    this.#places = this.#inputs.map((name) => head.names.indexOf(name));
    if (this.#places.includes(-1)) throw new NotPlainText("other columns");
    this.#cells = SoughtCells.of(this.#inputs, this.#numbers, head, true);
  }
}

/** The flows of JSON lines. */
export class JsonInputRows implements InputRows {
  readonly kinds: number[];
  readonly #records: JsonShardRecords;
  readonly #inputs: readonly string[];
  readonly #plain: ReturnType<typeof createJsonRecordEncoder>;
  /** Of inputs whose letters count, and of the one that says whether a flow failed. */
  readonly #letters: readonly boolean[];
  readonly #failed: number;
  readonly #time: number;

  constructor(shard: TextShard, spec: ContextSpec) {
    this.#records = new JsonShardRecords(shard);
    this.#inputs = contextInputs(spec);
    this.#plain = createJsonRecordEncoder([], [], this.#inputs);
    this.kinds = this.#inputs.map(() => 0);
    const letters = contextLetters(spec);
    this.#letters = this.#inputs.map((name) => letters.has(name));
    this.#failed =
      spec.failed !== undefined && "column" in spec.failed ? this.#inputs.indexOf(spec.failed.column) : -1;
    this.#time = this.#inputs.indexOf(spec.time);
  }

  next(values: unknown[]): boolean {
    const records = this.#records;
    while (records.next()) {
      const { bytes, from, end } = records;
      const isRead =
        this.#plain.encodeText(bytes, from, end, NO_FLOWS, 0) === end && this.#plain.readSought(values);
      if (!isRead) {
        const record = records.read();
        if (record === undefined) continue;
        for (const [k, name] of this.#inputs.entries()) values[k] = fieldValue(record, name);
      }
      this.#noteKinds(values);
      return true;
    }
    return false;
  }

  close(): void {
    this.#records.close();
  }

  #noteKinds(values: readonly unknown[]): void {
    for (let k = 0; k < values.length; k++) {
      if (this.#letters[k] !== true && k !== this.#time) continue;
      const value = values[k];
      if (typeof value === "string") this.kinds[k] = (this.kinds[k] as number) | VALUE_KIND.text;
      else if (typeof value === "number") {
        // As a number a long identifier would be another's.
        if (this.#letters[k] === true && (k === this.#failed || Math.abs(value) > Number.MAX_SAFE_INTEGER))
          throw new NotPlainText(`a number of ${value}`);
        this.kinds[k] = (this.kinds[k] as number) | VALUE_KIND.number;
      } else if (value !== null && value !== undefined) throw new NotPlainText(`a value of ${String(value)}`);
    }
  }
}

const NO_FLOWS = new Float32Array();
