import { type RowHead, scoredRowsHeader } from "@oddflow/flow-sources";
import { SCORE_COLUMN, type ScoredRows } from "@oddflow/preprocessing";
import { floatText } from "./float-text.ts";
import { NotPlainText } from "./not-plain-text.ts";
import { ShardFile, type ShardPlace } from "./shard-file.ts";
import type { TextBlock } from "./text-shard-reader.ts";
import type { TextShard } from "./text-table.ts";

/** Bytes that are written at once. */
const PIECE_BYTES = 1024 * 1024;

/** More than scores take behind a row. */
const ADDED_BYTES = 256;

const ADDED_COLUMNS = [SCORE_COLUMN.score, SCORE_COLUMN.isAnomaly, SCORE_COLUMN.rarity];
const RULED_COLUMNS = [SCORE_COLUMN.rule, SCORE_COLUMN.ruleVerdict];

const [LINE_FEED, QUOTE] = [10, 34];

/** Writes rows of text with their scores behind them. */
export class TextShardWriter {
  readonly #file: ShardFile;
  readonly #written: TextShard["written"];
  #buffer = Buffer.allocUnsafeSlow(PIECE_BYTES + 65_536);
  #filled = 0;
  #needsHeader: boolean;

  /**
   * @param isFirst whether the table's header goes before its rows
   * @throws OddflowError OUTPUT_UNWRITABLE, as all that writes does
   */
  constructor(place: ShardPlace, { written }: TextShard, isFirst: boolean) {
    this.#file = new ShardFile(place);
    this.#written = written;
    this.#needsHeader = isFirst;
  }

  write(
    { bytes, spans, haveQuotes, texts }: TextBlock,
    { score, isAnomaly, rarity, rulings }: ScoredRows,
    head: RowHead,
  ): void {
    if (this.#needsHeader) {
      const added = rulings === undefined ? ADDED_COLUMNS : [...ADDED_COLUMNS, ...RULED_COLUMNS];
      this.#writeText(scoredRowsHeader(head, added));
    }
    this.#needsHeader = false;
    const { delimiter, zeek } = head;
    const [yes, no] = zeek === undefined ? ["true", "false"] : ["T", "F"];
    const number = this.#written === "plain" ? plainText : String;
    const delimited = delimiter.charCodeAt(0);
    const unset = zeek?.unsetField ?? "";
    for (let row = 0; row < score.length; row++) {
      const text = texts.get(row);
      const [from, end] = [spans[2 * row] as number, spans[2 * row + 1] as number];
      if (text !== undefined) this.#writeText(text);
      else if (haveQuotes) this.#copyUnquoted(bytes, from, end, delimited);
      else this.#copy(bytes, from, end);
      this.#addCell(number(score[row] as number), delimited);
      this.#addCell(isAnomaly[row] === 1 ? yes : no, delimited);
      this.#addCell(number(Math.fround(rarity[row] as number)), delimited);
      if (rulings !== undefined) {
        this.#addCell(rulings[row]?.rule ?? unset, delimited);
        this.#addCell(rulings[row]?.verdict ?? unset, delimited);
      }
      this.#buffer[this.#filled++] = LINE_FEED;
      if (this.#filled >= PIECE_BYTES) this.#flush();
    }
  }

  /** @throws NotPlainText where the header would go before a row, and there is none */
  finish(): void {
    if (this.#needsHeader) throw new NotPlainText("a first part without a row");
    this.#flush();
  }

  /** Harmless twice. */
  close(): void {
    this.#file.close();
  }

  #copy(bytes: Uint8Array, from: number, end: number): void {
    this.#makeRoom(end - from);
    this.#buffer.set(bytes.subarray(from, end), this.#filled);
    this.#filled += end - from;
  }

  /** Leaves out quotes but for those around a delimiter. */
  #copyUnquoted(bytes: Uint8Array, from: number, end: number, delimiter: number): void {
    this.#makeRoom(end - from);
    const buffer = this.#buffer;
    let to = this.#filled;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte !== QUOTE) {
        buffer[to++] = byte;
        continue;
      }
      const open = to;
      let isNeeded = false;
      for (at++; bytes[at] !== QUOTE; at++) {
        if (bytes[at] === delimiter) isNeeded = true;
        buffer[to++] = bytes[at] as number;
      }
      if (!isNeeded) continue;
      buffer.copyWithin(open + 1, open, to);
      buffer[open] = QUOTE;
      buffer[to + 1] = QUOTE;
      to += 2;
    }
    this.#filled = to;
  }

  #writeText(text: string): void {
    this.#makeRoom(Buffer.byteLength(text));
    this.#filled += this.#buffer.write(text, this.#filled);
  }

  /** Of ASCII, behind a delimiter. */
  #addCell(text: string, delimiter: number): void {
    const buffer = this.#buffer;
    let at = this.#filled;
    buffer[at++] = delimiter;
    for (let i = 0; i < text.length; i++) buffer[at++] = text.charCodeAt(i);
    this.#filled = at;
  }

  /** For so many bytes, and scores behind them. */
  #makeRoom(bytes: number): void {
    if (this.#filled + bytes + ADDED_BYTES <= this.#buffer.length) return;
    this.#flush();
    if (bytes + ADDED_BYTES > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(bytes + PIECE_BYTES);
  }

  #flush(): void {
    this.#file.write(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }
}

function plainText(value: number): string {
  const text = floatText(value);
  if (text === undefined) throw new NotPlainText(`a score of ${value}`);
  return text;
}
