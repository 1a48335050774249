import type { KeptFields } from "@oddflow/flow-sources";
import type { ScoredRows } from "@oddflow/preprocessing";
import { addCounts } from "../add-counts.ts";
import { JsonFlows } from "./json-flows.ts";
import type { PipeEncoding, PipeFlows, PipeReader } from "./pipe-reader.ts";
import { RowFlows } from "./row-flows.ts";

const [OPEN_LIST, OPEN] = [91, 123];
const SPACE: ReadonlySet<number> = new Set([9, 10, 13, 32]);
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads whatever comes: the first character tells JSON, a record a line or one list of records, from rows of text.
 * @param kept the fields that are written again
 * @param source what is read, as messages name it
 */
export function openPipe(encoding: PipeEncoding, kept: KeptFields, source = "standard input"): PipeReader {
  return new OpenedPipe(encoding, kept, source);
}

class OpenedPipe implements PipeReader {
  #encoding: PipeEncoding;
  readonly #kept: KeptFields;
  readonly #source: string;
  #reader: PipeReader | undefined;
  /** Whether it is known what the file is that comes. */
  #isOpen = false;
  /** What has come of it, in memory that may be longer, and how much of that is nothing but space. */
  #start = new Uint8Array();
  #length = 0;
  #blank = 0;
  /** What readers of former files left out. */
  readonly #leftOut = new Map<string, number>();

  constructor(encoding: PipeEncoding, kept: KeptFields, source: string) {
    this.#encoding = encoding;
    this.#kept = kept;
    this.#source = source;
  }

  get takenFor(): string | undefined {
    return this.#reader?.takenFor;
  }

  get leftOut(): ReadonlyMap<string, number> {
    const all = new Map(this.#leftOut);
    addCounts(all, this.#reader?.leftOut ?? []);
    return all;
  }

  get readsLines(): boolean {
    return !this.#isOpen || this.#reader?.readsLines === true;
  }

  get lineForm(): string | undefined {
    return this.#isOpen ? this.#reader?.lineForm : undefined;
  }

  get lines(): number {
    return this.#reader?.lines ?? 0;
  }

  passOver(lines: number, leftOut: ReadonlyMap<string, number>): void {
    this.#reader?.passOver(lines, leftOut);
  }

  read(piece: Uint8Array | undefined): PipeFlows {
    if (this.#isOpen) return this.#reader?.read(piece) ?? NO_FLOWS;
    if (piece !== undefined) this.#keep(piece);
    const start = this.#start.subarray(0, this.#length);
    const first = this.#firstCharacter(start, piece === undefined);
    if (first === undefined) return NO_FLOWS;
    this.#begin();
    const opened = this.#open(first);
    if (piece !== undefined) return opened.read(start);
    // What did not suffice to tell what it is ends here: a record at most.
    const last = opened.read(start);
    return last.count > 0 || last.problem !== undefined ? last : opened.read(undefined);
  }

  encodeBy(encoding: PipeEncoding): void {
    this.#reader?.encodeBy(encoding);
    this.#encoding = encoding;
  }

  beginFile(): void {
    if (this.#isOpen) this.#reader?.beginFile();
    this.#isOpen = false;
    this.#begin();
  }

  #begin(): void {
    this.#start = new Uint8Array();
    this.#length = 0;
    this.#blank = 0;
  }

  #keep(piece: Uint8Array): void {
    if (this.#length + piece.length > this.#start.length) {
      const longer = new Uint8Array(2 * this.#length + piece.length);
      longer.set(this.#start.subarray(0, this.#length));
      this.#start = longer;
    }
    this.#start.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** The first byte that is no space and no byte order mark; undefined where it has not come. */
  #firstCharacter(bytes: Uint8Array, isEnd: boolean): number | "nothing" | undefined {
    if (bytes[0] === BYTE_ORDER_MARK[0] && bytes.length < BYTE_ORDER_MARK.length && !isEnd) return undefined;
    const mark = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
    let at = Math.max(mark, this.#blank);
    while (at < bytes.length && SPACE.has(bytes[at] as number)) at++;
    this.#blank = at;
    return bytes[at] ?? (isEnd ? "nothing" : undefined);
  }

  write(flow: number, scores: ScoredRows): void {
    this.#reader?.write(flow, scores);
  }

  take(): Uint8Array {
    return this.#reader?.take() ?? new Uint8Array();
  }

  #open(first: number | "nothing"): PipeReader {
    this.#isOpen = true;
    const isJson = first === OPEN || first === OPEN_LIST || first === "nothing";
    // Rows may go on in a file without a header of its own.
    if (!isJson && this.#reader instanceof RowFlows) return this.#reader;
    addCounts(this.#leftOut, this.#reader?.leftOut ?? []);
    this.#reader = isJson
      ? new JsonFlows(this.#encoding, this.#kept, first === OPEN_LIST, this.#source)
      : new RowFlows(this.#encoding, this.#kept, this.#source);
    return this.#reader;
  }
}

const NO_FLOWS: PipeFlows = {
  count: 0,
  flows: new Float32Array(),
  withColumns: 0,
  record: () => ({}),
  problem: undefined,
};
