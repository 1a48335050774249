import { type CellEncoder, createCellEncoder, type RowHead } from "@oddflow/flow-sources";
import {
  type ColumnCoding,
  createValueEncoder,
  type FlowRecord,
  type ValueEncoder,
} from "@oddflow/preprocessing";
import { NotPlainText } from "./not-plain-text.ts";
import { RowContext, type TextContext } from "./row-context.ts";
import { ShardRows } from "./shard-rows.ts";
import type { TextShard } from "./text-table.ts";

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

const [SPACE, QUOTE] = [32, 34];

/**
 * Reads the rows of a shard. What is usual is encoded from its bytes, the rest by `FlowRows`; whatever says more than one row, or
 * is no flow, ends it.
 */
export class TextShardReader {
  readonly #shard: TextShard;
  readonly #columns: readonly ColumnCoding[];
  readonly #encoders: readonly ValueEncoder[];
  readonly #context: TextContext | undefined;
  #read: ShardRows | undefined;
  #head: RowHead | undefined;
  #plain: CellEncoder | undefined;
  #places: readonly number[] = [];

  /** @param columns those that a flow has by itself, which come before those of its context */
  constructor(shard: TextShard, columns: readonly ColumnCoding[], context?: TextContext) {
    this.#shard = shard;
    this.#columns = columns;
    this.#context = context;
    this.#encoders = columns.map(createValueEncoder);
  }

  /** What all rows have in common, where one has been read. */
  get head(): RowHead | undefined {
    return this.#head;
  }

  /** A row of a block that was given last, as a record. */
  record({ spans }: TextBlock, row: number): FlowRecord {
    return this.#read?.record(spans[2 * row] as number, spans[2 * row + 1] as number) ?? {};
  }

  /** Says that nobody needs the bytes of the last block any more. */
  close(): void {
    this.#read?.close();
    this.#read = undefined;
  }

  /**
   * @param blockRows at most; a block's buffers are used again for the next one
   * @throws NotPlainText; OddflowError TABLE_UNREADABLE where the file cannot be read
   */
  *blocks(blockRows: number): Generator<TextBlock, void, undefined> {
    const rows = new ShardRows(this.#shard);
    this.#read = rows;
    const { bytes, haveQuotes } = rows;
    const context = new RowContext(this.#context);
    const width = this.#columns.length + context.width;
    const flows = new Float32Array(blockRows * width);
    const spans = new Uint32Array(2 * blockRows);
    let texts = new Map<number, string>();
    let filled = 0;
    const block = (): TextBlock => {
      const own = flows.subarray(0, filled * width);
      context.put(own, filled);
      return { flows: own, bytes, spans: spans.subarray(0, 2 * filled), haveQuotes, texts };
    };
    while (rows.next()) {
      const { from, end } = rows;
      const isEncoded =
        !(haveQuotes && this.#isRewritten(bytes, from, end)) &&
        this.#encodePlain(bytes, from, end, flows, filled * width);
      if (!isEncoded && !this.#encodeText(rows, flows, filled * width, (text) => texts.set(filled, text)))
        continue;
      spans[2 * filled] = from;
      spans[2 * filled + 1] = end;
      filled++;
      if (filled === blockRows) {
        yield block();
        filled = 0;
        texts = new Map();
      }
    }
    if (filled > 0) yield block();
    context.end();
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

  /** Encodes a line that is not usual; false where it is none of the table's rows. @param rewrite takes its text where it is written anew */
  #encodeText(rows: ShardRows, flows: Float32Array, first: number, rewrite: (text: string) => void): boolean {
    const row = rows.read();
    if (row === undefined) return false;
    const { cells, head, text } = row;
    this.#useHead(head);
    for (const [k, encode] of this.#encoders.entries()) {
      const code = encode(cells[this.#places[k] as number]);
      if (typeof code !== "number") throw new NotPlainText(text);
      flows[first + k] = code;
    }
    if (rows.isZeek) return true;
    if (text.includes('"')) rewrite(this.#rewritten(text, cells, head));
    else if (text.split(head.delimiter).length !== cells.length) throw new NotPlainText(text);
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
    this.#head = head;
    this.#places = this.#columns.map(({ name }) => head.names.indexOf(name));
    if (this.#places.includes(-1) || head.zeek?.hasSpacedCells === true)
      throw new NotPlainText("other columns");
    this.#plain = createCellEncoder(this.#columns, head, true);
  }
}
