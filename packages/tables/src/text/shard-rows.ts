import { isUtf8 } from "node:buffer";
import { type FlowRow, FlowRows, LONGEST_LINE, type RowHead } from "@oddflow/flow-sources";
import type { FlowRecord } from "@oddflow/preprocessing";
import { NotPlainText } from "./not-plain-text.ts";
import { giveBack, readShard } from "./shard-bytes.ts";
import type { TextShard } from "./text-table.ts";

const [LINE_FEED, RETURN, QUOTE, HASH] = [10, 13, 34, 35];

/** Goes through the lines of a shard of rows. */
export class ShardRows {
  readonly isZeek: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether some rows have cells in quotes. */
  readonly haveQuotes: boolean;
  /** Where the line begins and ends in the bytes, without its end. */
  from = 0;
  end = 0;
  readonly #shard: TextShard;
  readonly #rows: FlowRows;
  #next: number;
  readonly #last: number;
  #head: RowHead | undefined;

  /** @throws NotPlainText; OddflowError TABLE_UNREADABLE where the file cannot be read */
  constructor(shard: TextShard) {
    this.#shard = shard;
    this.isZeek = shard.start.startsWith("#");
    this.#rows = new FlowRows(({ problem }) => new NotPlainText(problem));
    this.#rows.read(shard.start);
    const { bytes, start, end } = readShard(shard);
    const own = bytes.subarray(start, end);
    if (!isUtf8(own) || own.includes(0)) throw new NotPlainText("letters that are none");
    // DuckDB quotes what it would take for a comment.
    if (shard.written === "plain" && own.includes(HASH)) throw new NotPlainText("a # in a cell");
    this.haveQuotes = !this.isZeek && own.includes(QUOTE);
    this.bytes = bytes;
    this.#next = start;
    this.#last = end;
  }

  /** What all rows have in common, where one has been read as texts. */
  get head(): RowHead | undefined {
    return this.#head;
  }

  /** Says that nobody needs the bytes any more. */
  close(): void {
    giveBack(this.bytes);
  }

  /** Goes to the next line; false where there is none. @throws NotPlainText */
  next(): boolean {
    const at = this.#next;
    if (at >= this.#last) return false;
    const { bytes } = this;
    const feed = bytes.indexOf(LINE_FEED, at);
    const isEnded = feed >= 0;
    const lineEnd = isEnded ? feed : this.#last;
    if (lineEnd - at > LONGEST_LINE) throw new NotPlainText("a long line");
    const hasReturn = lineEnd > at && bytes[lineEnd - 1] === RETURN;
    if (isEnded && hasReturn !== this.#shard.hasReturns) throw new NotPlainText("ends of lines differ");
    // A log that is being written.
    if (!isEnded && this.isZeek) throw new NotPlainText("a last line without an end");
    this.from = at;
    this.end = hasReturn ? lineEnd - 1 : lineEnd;
    this.#next = lineEnd + 1;
    return true;
  }

  /** Whether the line says something of a Zeek log, or ends it. */
  get isComment(): boolean {
    return this.isZeek && this.bytes[this.from] === HASH;
  }

  /** A row that was read, by where its line stands, as a record of texts. */
  record(from: number, end: number): FlowRecord {
    const [row] = this.#rows.read(`${this.#textAt(from, end)}\n`);
    return Object.fromEntries(row?.head.names.map((name, place) => [name, row.cells[place]]) ?? []);
  }

  #textAt(from: number, end: number): string {
    const { bytes } = this;
    return Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString("utf8");
  }

  /** The line's row as texts; undefined where it is none of the table's. @throws NotPlainText for what is no flow */
  read(): FlowRow | undefined {
    const line = this.#textAt(this.from, this.end);
    const { isZeek } = this;
    if (isZeek && line.startsWith("#close")) return undefined;
    if (line === "" || line.includes("\r") || (isZeek && line.startsWith("#"))) throw new NotPlainText(line);
    const [row, ...others] = this.#rows.read(`${line}\n`);
    if (row === undefined || others.length > 0 || row.problem !== undefined || row.noFlow !== undefined)
      throw new NotPlainText(line);
    if (this.#head !== undefined && row.head !== this.#head) throw new NotPlainText("other fields");
    this.#head = row.head;
    return row;
  }
}
