import { filledUp } from "@oddflow/inference";
import type { FlowRecord, RecordProblem } from "@oddflow/preprocessing";
import type { Rejection } from "./problem.ts";

/** Records of a request that are scored together: encoded those that can be, and what is wrong with the others. */
export class FlowBatch {
  /** Row-major `[capacity, columns]`, and some rows more to fill up the last ones. */
  readonly flows: Float32Array;
  readonly capacity: number;
  /** Records that can be scored; so many rows of `flows` are theirs. */
  rows = 0;
  /** In the order of the request. */
  readonly rejections: Rejection[] = [];
  /** Place of the batch's first record in the request, from 0. */
  firstRow = 0;
  /** Whether one of the records had one of the model's columns. */
  hasColumns = false;
  /** Each row's record or its JSON text, where reasons are asked for; else empty. */
  readonly origins: (FlowRecord | Uint8Array)[] = [];
  /** Records are taken up to this. */
  most: number;
  readonly #width: number;

  constructor(capacity: number, width: number) {
    this.flows = new Float32Array(filledUp(capacity) * width);
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

  /** Where in `flows` the next record goes. */
  get nextPlace(): number {
    return this.rows * this.#width;
  }

  /** The rows' values, and those of rows without any that fill them up: so a score does not depend on what is beside it. */
  get filledFlows(): Float32Array {
    const end = filledUp(this.rows) * this.#width;
    this.flows.fill(Number.NaN, this.nextPlace, end);
    return this.flows.subarray(0, end);
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

  /** Empties it for the records that follow. */
  clear(): void {
    this.firstRow += this.records;
    this.rows = 0;
    this.rejections.length = 0;
    this.origins.length = 0;
    this.hasColumns = false;
  }
}
