import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { type CellEncoder, createCellEncoder, FlowRows, type RowHead } from "@oddflow/flow-sources";
import { type ColumnCoding, createValueEncoder, type ValueEncoder } from "@oddflow/preprocessing";
import type { TextShard } from "./text-table.ts";

/** Why a shard cannot be read on its own: what stands in it takes `openTable`, which reads the whole file. */
export class NotPlainText extends Error {}

/** Rows of a shard. */
export interface TextBlock {
  /** Row-major `[rows, columns]`, encoded. */
  readonly flows: Float32Array;
  readonly bytes: Uint8Array;
  /** Where each row begins and ends in the bytes, without the end of its line. */
  readonly spans: Uint32Array;
  /** Whether some have cells in quotes. */
  readonly haveQuotes: boolean;
  /** Those that are not written as they stand there, by their places. */
  readonly texts: ReadonlyMap<number, string>;
}

const [LINE_FEED, RETURN, SPACE, QUOTE, HASH] = [10, 13, 32, 34, 35];

/** What is read behind a shard's end, where its last row may go on. */
const BEHIND = 65_536;

/**
 * Reads the rows of a shard. What is usual is encoded from its bytes, the rest by `FlowRows`; whatever says more than one row, or
 * is no flow, ends it.
 */
export class TextShardReader {
  readonly #shard: TextShard;
  readonly #columns: readonly ColumnCoding[];
  readonly #encoders: readonly ValueEncoder[];
  readonly #rows: FlowRows;
  readonly #isZeek: boolean;
  #head: RowHead | undefined;
  #plain: CellEncoder | undefined;
  #places: readonly number[] = [];

  constructor(shard: TextShard, columns: readonly ColumnCoding[]) {
    this.#shard = shard;
    this.#columns = columns;
    this.#isZeek = shard.start.startsWith("#");
    this.#encoders = columns.map(createValueEncoder);
    this.#rows = new FlowRows(({ problem }) => new NotPlainText(problem));
    this.#rows.read(shard.start);
  }

  /** What all rows have in common, where one has been read. */
  get head(): RowHead | undefined {
    return this.#head;
  }

  /**
   * @param blockRows at most; a block's buffers are used again for the next one
   * @throws NotPlainText; what the system says where the file cannot be read
   */
  *blocks(blockRows: number): Generator<TextBlock, void, undefined> {
    const { bytes, start, end } = readShard(this.#shard);
    if (!isUtf8(bytes.subarray(start, end)) || bytes.subarray(start, end).includes(0)) {
      throw new NotPlainText("letters that are none");
    }
    // DuckDB quotes what it would take for a comment.
    if (this.#shard.written === "plain" && bytes.subarray(start, end).includes(HASH)) {
      throw new NotPlainText("a # in a cell");
    }
    const haveQuotes = !this.#isZeek && bytes.subarray(start, end).includes(QUOTE);
    const width = this.#columns.length;
    const flows = new Float32Array(blockRows * width);
    const spans = new Uint32Array(2 * blockRows);
    let texts = new Map<number, string>();
    let filled = 0;
    const block = (): TextBlock => ({
      flows: flows.subarray(0, filled * width),
      bytes,
      spans: spans.subarray(0, 2 * filled),
      haveQuotes,
      texts,
    });
    for (let at = start; at < end; ) {
      const feed = bytes.indexOf(LINE_FEED, at);
      const isEnded = feed >= 0;
      const lineEnd = isEnded ? feed : end;
      const hasReturn = lineEnd > at && bytes[lineEnd - 1] === RETURN;
      if (isEnded && hasReturn !== this.#shard.hasReturns) throw new NotPlainText("ends of lines differ");
      // A log that is being written.
      if (!isEnded && this.#isZeek) throw new NotPlainText("a last line without an end");
      const rowEnd = hasReturn ? lineEnd - 1 : lineEnd;
      if (
        (!(haveQuotes && this.#isRewritten(bytes, at, rowEnd)) &&
          this.#encodePlain(bytes, at, rowEnd, flows, filled * width)) ||
        this.#encodeText(bytes, at, rowEnd, { flows, place: filled, texts })
      ) {
        spans[2 * filled] = at;
        spans[2 * filled + 1] = rowEnd;
        filled++;
      }
      at = lineEnd + 1;
      if (filled === blockRows) {
        yield block();
        filled = 0;
        texts = new Map();
      }
    }
    if (filled > 0) yield block();
  }

  #encodePlain(bytes: Uint8Array, from: number, end: number, into: Float32Array, first: number): boolean {
    return this.#plain?.encodeLine(bytes, from, end, into, first) === true;
  }

  /** Whether a row with quotes has cells that are not written as they stand between these. */
  #isRewritten(bytes: Uint8Array, from: number, end: number): boolean {
    let hasQuotes = false;
    for (let i = from; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) {
        hasQuotes = true;
        // What is empty in quotes is a text to DuckDB, and nothing without.
        if (bytes[i + 1] === QUOTE) return true;
      }
    }
    return hasQuotes && this.#head?.padsCells === true && this.#hasPads(bytes, from, end);
  }

  #hasPads(bytes: Uint8Array, from: number, end: number): boolean {
    const delimiter = this.#head?.delimiter.charCodeAt(0);
    for (let i = from; i < end; i++) {
      if ((bytes[i] as number) > SPACE || bytes[i] === delimiter) continue;
      const [before, behind] = [
        i === from ? delimiter : bytes[i - 1],
        i + 1 === end ? delimiter : bytes[i + 1],
      ];
      if ([before, behind].some((byte) => byte === delimiter || byte === QUOTE)) return true;
    }
    return false;
  }

  /** Encodes a line that is not usual; false where it is none of the table's rows. */
  #encodeText(
    bytes: Uint8Array,
    from: number,
    end: number,
    {
      flows,
      place,
      texts,
    }: { readonly flows: Float32Array; readonly place: number; readonly texts: Map<number, string> },
  ): boolean {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString("utf8");
    const isZeek = this.#isZeek;
    if (isZeek && line.startsWith("#close")) return false;
    if (line === "" || line.includes("\r") || (isZeek && line.startsWith("#"))) throw new NotPlainText(line);
    const [row, ...others] = this.#rows.read(`${line}\n`);
    if (row === undefined || others.length > 0 || row.problem !== undefined || row.noFlow !== undefined)
      throw new NotPlainText(line);
    this.#useHead(row.head);
    const { cells } = row;
    for (const [k, encode] of this.#encoders.entries()) {
      const code = encode(cells[this.#places[k] as number]);
      if (typeof code !== "number") throw new NotPlainText(line);
      flows[place * this.#columns.length + k] = code;
    }
    if (line.includes('"') && !isZeek) texts.set(place, this.#rewritten(line, cells, row.head));
    else if (!isZeek && line.split(row.head.delimiter).length !== cells.length) throw new NotPlainText(line);
    return true;
  }

  /** A row with quotes, with those alone that it needs. */
  #rewritten(line: string, cells: readonly string[], { delimiter }: RowHead): string {
    // What is empty in quotes is a text to DuckDB, and nothing without.
    if (this.#shard.written === "plain" && line.includes('""')) throw new NotPlainText(line);
    return cells
      .map((cell) =>
        cell.includes('"') || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell,
      )
      .join(delimiter);
  }

  #useHead(head: RowHead): void {
    if (head === this.#head) return;
    if (this.#head !== undefined) throw new NotPlainText("other fields");
    this.#head = head;
    this.#places = this.#columns.map(({ name }) => head.names.indexOf(name));
    if (this.#places.includes(-1) || head.zeek?.hasSpacedCells === true)
      throw new NotPlainText("other columns");
    this.#plain = createCellEncoder(this.#columns, head, true);
  }
}

/** The bytes of the rows that begin in a shard: those from `start` to `end`. */
function readShard({ path, from, until }: TextShard): {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
} {
  const file = openSync(path, "r");
  try {
    // One byte before tells whether a row begins at the first.
    const first = from - 1;
    let bytes = readBytes(file, first, until + BEHIND - first);
    const before = bytes.indexOf(LINE_FEED);
    const start = before + 1;
    if (before < 0 || start >= until - first) return { bytes, start: 0, end: 0 };
    for (;;) {
      const last = bytes.indexOf(LINE_FEED, until - first - 1);
      if (last >= 0) return { bytes, start, end: last };
      const more = readBytes(file, first + bytes.length, bytes.length);
      if (more.length === 0) return { bytes, start, end: bytes.length };
      bytes = Buffer.concat([bytes, more]);
    }
  } finally {
    closeSync(file);
  }
}

function readBytes(file: number, from: number, count: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(count);
  let read = 0;
  for (;;) {
    const more = readSync(file, buffer, read, count - read, from + read);
    read += more;
    if (more === 0 || read === count) return buffer.subarray(0, read);
  }
}
