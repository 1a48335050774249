import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** Some rows' context in a file: for each its place in its range, and a value a column. */
export interface ContextBlock {
  readonly path: string;
  /** Bytes. */
  readonly offset: number;
  readonly rows: number;
}

/** The context of a range's rows that has been counted, in blocks of any order. */
export type CountedContext = readonly ContextBlock[];

/** So many bytes of a block wait in memory for each range. */
const BLOCK_BYTES = 65_536;

/** And so many in all, where ranges are many. */
const WAITING_BYTES = 1 << 26;

const BYTES_PER_VALUE = 4;

/** Writes the context of rows that come in any order to a file, those of one range together. */
export class ContextBlocksWriter {
  readonly #path: string;
  readonly #width: number;
  /** The first row of each range, and behind the last the rows of the table. */
  readonly #starts: readonly number[];
  readonly #file: number;
  readonly #rowsPerBlock: number;
  readonly #waiting: (WaitingBlock | undefined)[] = [];
  readonly #blocks: ContextBlock[][];
  #offset = 0;
  /** Rows follow each other more often than not. */
  #range = 0;

  /** @param width columns of the context */
  constructor(path: string, width: number, starts: readonly number[]) {
    this.#path = path;
    this.#width = width;
    this.#starts = starts;
    const bytes = Math.min(BLOCK_BYTES, WAITING_BYTES / starts.length);
    this.#rowsPerBlock = Math.max(1, Math.floor(bytes / BYTES_PER_VALUE / (width + 1)));
    this.#blocks = starts.slice(1).map(() => []);
    this.#file = openSync(path, "wx", 0o600);
  }

  /** @param row its number in the table, from 0 @param from where its values begin in `context` */
  add(row: number, context: Float32Array, from = 0): void {
    const range = this.#rangeOf(row);
    const block = this.#blockOf(range);
    const at = block.rows * (this.#width + 1);
    block.places[at] = row - (this.#starts[range] as number);
    // A loop, here and below: a call of `set` takes longer than so few values.
    for (let k = 0; k < this.#width; k++) block.values[at + 1 + k] = context[from + k] as number;
    block.rows++;
    if (block.rows === this.#rowsPerBlock) this.#write(range, block);
  }

  /** Writes what is left. @returns the blocks of each range */
  finish(): readonly CountedContext[] {
    for (const [range, block] of this.#waiting.entries()) {
      if (block !== undefined && block.rows > 0) this.#write(range, block);
    }
    return this.#blocks;
  }

  close(): void {
    closeSync(this.#file);
  }

  #rangeOf(row: number): number {
    const starts = this.#starts;
    if (row >= (starts[this.#range] as number) && row < (starts[this.#range + 1] as number))
      return this.#range;
    let [low, high] = [0, starts.length - 2];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= row) low = middle;
      else high = middle - 1;
    }
    this.#range = low;
    return low;
  }

  #blockOf(range: number): WaitingBlock {
    let block = this.#waiting[range];
    if (block === undefined) {
      const values = new Float32Array(this.#rowsPerBlock * (this.#width + 1));
      block = { values, places: new Uint32Array(values.buffer), rows: 0 };
      this.#waiting[range] = block;
    }
    return block;
  }

  #write(range: number, block: WaitingBlock): void {
    const bytes = new Uint8Array(block.values.buffer, 0, block.rows * (this.#width + 1) * BYTES_PER_VALUE);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    this.#blocks[range]?.push({ path: this.#path, offset: this.#offset, rows: block.rows });
    this.#offset += bytes.length;
    block.rows = 0;
  }
}

interface WaitingBlock {
  readonly values: Float32Array;
  /** The same memory: a row's place stands before its values. */
  readonly places: Uint32Array;
  rows: number;
}

/**
 * Reads the context of a range's rows.
 * @returns row-major `[rows, width]`; NaN for rows that no block has
 */
export function readCountedContext(blocks: CountedContext, rows: number, width: number): Float32Array {
  const context = new Float32Array(rows * width).fill(Number.NaN);
  const files = new Map<string, number>();
  const most = blocks.reduce((most, block) => Math.max(most, block.rows), 0);
  const values = new Float32Array(most * (width + 1));
  const places = new Uint32Array(values.buffer);
  try {
    for (const block of blocks) {
      const file = files.get(block.path) ?? openSync(block.path, "r");
      files.set(block.path, file);
      const bytes = new Uint8Array(values.buffer, 0, block.rows * (width + 1) * BYTES_PER_VALUE);
      for (let done = 0; done < bytes.length; ) {
        const read = readSync(file, bytes, done, bytes.length - done, block.offset + done);
        if (read === 0) throw new Error(`context: ${block.path} ends before its block at ${block.offset}`);
        done += read;
      }
      for (let row = 0; row < block.rows; row++) {
        const at = row * (width + 1);
        const to = (places[at] as number) * width;
        for (let k = 0; k < width; k++) context[to + k] = values[at + 1 + k] as number;
      }
    }
    return context;
  } finally {
    for (const file of files.values()) closeSync(file);
  }
}
