import type { CellCodes, NumberCells } from "./flow-columns.ts";

/** So many rows are held as they come, before they go into as few bytes as hold them. */
const CHUNK_BITS = 16;
const CHUNK = 2 ** CHUNK_BITS;

/** A short table takes no whole chunk. */
const SMALLEST = 1024;

/** From the narrowest on. */
const KINDS = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
];

/**
 * One number a row, appended in rising order of the rows; a row that gets none holds 0. Chunks of rows are narrowed when they are full, so that
 * a column takes no more while it is gathered than afterwards, but for one chunk.
 */
export class CellStore<Cells extends NumberCells | CellCodes> {
  readonly #wide: Float64ArrayConstructor | Uint32ArrayConstructor;
  readonly #narrow: (cells: Float64Array | Uint32Array) => Cells;
  #chunks: (Cells | undefined)[] = [];
  #open: Float64Array | Uint32Array;
  #place = -1;

  /**
   * @param wide what holds any of the numbers
   * @param narrow a copy of some of them in as few bytes as hold them
   */
  constructor(
    wide: Float64ArrayConstructor | Uint32ArrayConstructor,
    narrow: (cells: Float64Array | Uint32Array) => Cells,
  ) {
    this.#wide = wide;
    this.#narrow = narrow;
    this.#open = new wide();
  }

  set(row: number, value: number): void {
    const place = row >>> CHUNK_BITS;
    if (place !== this.#place) this.#turnTo(place);
    const at = row & (CHUNK - 1);
    if (at >= this.#open.length) this.#lengthen(at);
    this.#open[at] = value;
  }

  /** All rows in one array, of the kind that holds every chunk; undefined where no row got a number. The store is empty afterwards. */
  finish(rows: number): Cells | undefined {
    if (this.#place < 0) return undefined;
    this.#turnTo(-1);
    const chunks = this.#chunks;
    this.#chunks = [];
    const kinds = chunks.map((chunk) => KINDS.findIndex((kind) => chunk instanceof kind));
    const kind = KINDS[Math.max(...kinds)] as unknown as new (length: number) => Cells;
    const whole = new kind(rows);
    for (const [place, chunk] of chunks.entries()) {
      if (chunk !== undefined) whole.set(chunk.subarray(0, rows - place * CHUNK), place * CHUNK);
      chunks[place] = undefined;
    }
    return whole;
  }

  /** Puts the open chunk away, and opens another, where one is named. */
  #turnTo(place: number): void {
    if (this.#place >= 0) this.#chunks[this.#place] = this.#narrow(this.#open);
    // A chunk in which no row got a number.
    for (let skipped = this.#chunks.length; skipped < place; skipped++) this.#chunks[skipped] = undefined;
    this.#place = place;
    if (place < 0) this.#open = new this.#wide();
    else this.#open.fill(0);
  }

  #lengthen(at: number): void {
    const longer = new this.#wide(Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(at + 1))));
    longer.set(this.#open);
    this.#open = longer;
  }
}
