import { createJsonRecordEncoder, type JsonRecordEncoder, readJsonRecord } from "@oddflow/flow-sources";
import {
  type ColumnCoding,
  createRecordEncoder,
  type FlowRecord,
  fieldValue,
  SCORE_COLUMNS,
} from "@oddflow/preprocessing";
import { JsonShardRecords } from "./json-shard-records.ts";
import { NotPlainText } from "./not-plain-text.ts";
import { RowContext, type TextContext } from "./row-context.ts";
import type { ShardNotes } from "./shard-notes.ts";
import type { TextBlock } from "./text-shard-reader.ts";
import type { TextShard } from "./text-table.ts";

/** Reads the records of a shard of JSON lines; whatever may be read in another way elsewhere ends it. */
export class JsonShardReader {
  readonly #shard: TextShard;
  readonly #columns: readonly ColumnCoding[];
  readonly #context: TextContext | undefined;
  #read: JsonShardRecords | undefined;
  readonly #plain: JsonRecordEncoder;
  readonly #records: ReturnType<typeof createRecordEncoder>;
  /** Fields that no record has had yet, and their places among those that are sought. */
  #lacking: readonly (readonly [name: string, place: number])[];
  /** Keys of the first flow and of those that were not encoded from their bytes; and of records that are no flows. */
  readonly #keys = new Set<string>();
  readonly #unsure = new Set<string>();
  #leftOut: ReadonlyMap<string, number> = new Map();

  /** @param needed fields that some record of the table must have */
  constructor(
    shard: TextShard,
    columns: readonly ColumnCoding[],
    needed: readonly string[],
    context?: TextContext,
  ) {
    this.#shard = shard;
    this.#columns = columns;
    this.#context = context;
    this.#plain = createJsonRecordEncoder(columns, SCORE_COLUMNS, needed);
    this.#records = createRecordEncoder(columns);
    this.#lacking = needed.map((name, place) => [name, place] as const);
  }

  /** What was found beside flows. @throws NotPlainText where that cannot be told, or fields are parts of an earlier scoring's */
  get notes(): ShardNotes {
    const { keys } = this.#plain;
    if (keys === undefined) throw new NotPlainText("too many fields");
    const all = [...new Set([...keys, ...this.#keys])];
    if (all.some((name) => SCORE_COLUMNS.some((score) => name.startsWith(`${score}.`))))
      throw new NotPlainText("fields of an earlier scoring");
    return {
      leftOut: this.#leftOut,
      keys: all,
      unsureKeys: [...this.#unsure].filter((name) => !this.#keys.has(name)),
      lacking: this.#lacking.map(([name]) => name),
    };
  }

  /** A row of a block that was given last, as a record. */
  record({ bytes, spans }: TextBlock, row: number): FlowRecord {
    const reading = readJsonRecord(bytes.subarray(spans[2 * row], spans[2 * row + 1]));
    return "record" in reading ? reading.record : {};
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
    const records = new JsonShardRecords(this.#shard);
    this.#read = records;
    const { bytes } = records;
    const context = new RowContext(this.#context);
    const width = this.#columns.length + context.width;
    const flows = new Float32Array(blockRows * width);
    const spans = new Uint32Array(2 * blockRows);
    let filled = 0;
    const block = (): TextBlock => {
      const own = flows.subarray(0, filled * width);
      context.put(own, filled);
      return { flows: own, bytes, spans: spans.subarray(0, 2 * filled), haveQuotes: false, texts: NO_TEXTS };
    };
    while (records.next()) {
      if (!this.#encode(records, flows, filled * width)) continue;
      spans[2 * filled] = records.from;
      spans[2 * filled + 1] = records.end;
      filled++;
      if (filled === blockRows) {
        yield block();
        filled = 0;
      }
    }
    if (filled > 0) yield block();
    context.end();
    this.#leftOut = records.leftOut;
  }

  /** @returns false for what is no flow */
  #encode(records: JsonShardRecords, into: Float32Array, first: number): boolean {
    const { bytes, from, end } = records;
    const plain = this.#plain;
    if (plain.encodeText(bytes, from, end, into, first) === end) {
      if (plain.hasNoticed) throw new NotPlainText("fields of an earlier scoring");
      if (this.#lacking.length > 0)
        this.#lacking = this.#lacking.filter(([, place]) => !plain.hasSought(place));
      if (this.#keys.size === 0) this.#noteKeys(records, this.#keys);
      return true;
    }
    const record = records.read();
    if (record === undefined) {
      // What was looked at of it is among the keys of the others.
      this.#noteKeys(records, this.#unsure);
      return false;
    }
    if (SCORE_COLUMNS.some((name) => Object.hasOwn(record, name)))
      throw new NotPlainText("fields of an earlier scoring");
    if (this.#records.encodeRecord(record, into, first) !== undefined)
      throw new NotPlainText("a value that is not what it should be");
    this.#noteKeys(records, this.#keys);
    this.#lacking = this.#lacking.filter(([name]) => fieldValue(record, name) === undefined);
    return true;
  }

  #noteKeys({ bytes, from, end }: JsonShardRecords, to: Set<string>): void {
    const reading = readJsonRecord(bytes.subarray(from, end));
    for (const name of Object.keys("record" in reading ? reading.record : {})) to.add(name);
  }
}

const NO_TEXTS: ReadonlyMap<number, string> = new Map();
