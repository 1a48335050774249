import {
  type ContextFlow,
  type FlowRecord,
  PackedContextFlows,
  type RecordProblem,
} from "@oddflow/preprocessing";
import type { Rejection } from "./problem.ts";

/** Room for so many rows is there from the first one on. */
const FEWEST_ROWS = 64;

/** Records of a request that are scored together: encoded those that can be, and what is wrong with the others. */
export class FlowBatch {
  /** Row-major `[rows, columns]` and longer; another one when it has grown. */
  flows: Float32Array = new Float32Array();
  /** Records that it can take. */
  readonly capacity: number;
  /** Records that can be scored; so many rows of `flows` are theirs. */
  rows = 0;
  /** In the order of the request. */
  readonly rejections: Rejection[] = [];
  /** Place of the batch's first record in the request, from 0. */
  firstRow = 0;
  /** Whether one of the records had one of the model's columns. */
  hasColumns = false;
  /** Each row's record or its JSON text, where reasons are asked for or there are rules; else empty. */
  readonly origins: (FlowRecord | Uint8Array)[] = [];
  /** Records are taken up to this. */
  most: number;
  readonly #width: number;
  /** What the rows' context is counted from, where it is kept. */
  readonly #context = new PackedContextFlows();

  constructor(capacity: number, width: number) {
    this.capacity = capacity;
    this.most = capacity;
    this.#width = width;
  }

  get records(): number {
    return this.rows + this.rejections.length;
  }

  get isFull(): boolean {
    return this.records >= this.most;
  }

  /** Where in `flows` the next record goes; there is room for it. */
  nextPlace(): number {
    const place = this.rows * this.#width;
    if (place + this.#width > this.flows.length) {
      // Most requests are far smaller than a batch.
      const rows = Math.min(Math.max(FEWEST_ROWS, 4 * this.rows), this.capacity);
      const grown = new Float32Array(rows * this.#width);
      grown.set(this.flows);
      this.flows = grown;
    }
    return place;
  }

  /** The rows' values. */
  get encodedFlows(): Float32Array {
    return this.flows.subarray(0, this.rows * this.#width);
  }

  /** Keeps what the context of the row that comes next is counted from. */
  keepContext(flow: ContextFlow): void {
    this.#context.set(this.rows, flow);
  }

  /** What the rows' context is counted from, in memory of its own: numbers of `PackedContextFlows`. */
  get contextFlows(): Float64Array<ArrayBuffer> {
    return this.#context.first(this.rows);
  }

  /** Writes the rows' last columns. @param columns row-major `[rows, columns]` */
  addColumns(columns: Float32Array): void {
    const width = columns.length / this.rows;
    for (let row = 0; row < this.rows; row++) {
      const from = row * width;
      this.flows.set(columns.subarray(from, from + width), (row + 1) * this.#width - width);
    }
  }

  reject(problem: RecordProblem, line?: number): void {
    const { code, column, found, expected } = problem;
    const row = this.firstRow + this.records;
    const place = line === undefined ? `record ${row}` : `line ${line}`;
    this.rejections.push({
      row,
      ...(line === undefined ? {} : { line }),
      code,
      ...(column === undefined ? {} : { column }),
      found,
      expected,
      message: `${place}${column === undefined ? "" : `, column "${column}"`}: ${found} found, ${expected} expected`,
    });
  }

  /** Rejects what is no flow but another report of a sensor's. */
  rejectEvent(found: string, line?: number): void {
    const row = this.firstRow + this.records;
    const place = line === undefined ? `record ${row}` : `line ${line}`;
    const expected = "a flow";
    this.rejections.push({
      row,
      ...(line === undefined ? {} : { line }),
      code: "NO_FLOW",
      found,
      expected,
      message: `${place}: ${found} found, ${expected} expected`,
    });
  }

  /** Empties it for the records that follow. */
  clear(): void {
    this.firstRow += this.records;
    this.rows = 0;
    this.rejections.length = 0;
    this.origins.length = 0;
    this.hasColumns = false;
  }
}
