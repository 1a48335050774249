import { ArrowFault, MESSAGE } from "./arrow-schema.ts";
import { FlatTable } from "./flat-table.ts";

/** A message of a stream. */
export interface ArrowMessage {
  readonly kind: "schema" | "dictionary" | "batch";
  /** The flatbuffer that says what it is; its first byte lies as its words need it. */
  readonly metadata: Uint8Array;
  /** Values, at the places that the flatbuffer names; its first byte lies as they need it. */
  readonly body: Uint8Array;
}

const KINDS: Readonly<Record<number, ArrowMessage["kind"]>> = { 1: "schema", 2: "dictionary", 3: "batch" };

/** Stands before each message since Arrow 0.15. */
const CONTINUATION = -1;
/** A file begins with it, and two bytes that are 0. */
const MAGIC = "ARROW1\0\0";

/** More than any metadata are; who sends something else is told so instead of being waited for. */
const MOST_METADATA = 1 << 28;
const MOST_BODY = 2 ** 46;

/**
 * Cuts the bytes of an Arrow IPC stream into its messages; of a file, which is a stream between a magic word and a footer.
 * Source: arrow.apache.org/docs/format/Columnar.html, IPC streaming format
 */
export class ArrowMessages {
  readonly #pieces: Uint8Array[] = [];
  /** Of the first piece, so many bytes are taken. */
  #taken = 0;
  #held = 0;
  #isFile = false;
  #isBegun = false;
  #isClosed = false;
  /** What comes next: a length, the metadata of that many bytes, the body of a message. */
  #next:
    | { readonly part: "length" }
    | { readonly part: "second length" }
    | { readonly part: "rest of the magic word" }
    | { readonly part: "metadata"; readonly bytes: number }
    | { readonly part: "body"; readonly bytes: number; readonly message: Omit<ArrowMessage, "body"> }
    | { readonly part: "end" } = { part: "length" };

  /** Whether something has come. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  feed(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#isBegun = true;
    this.#pieces.push(piece);
    this.#held += piece.length;
  }

  /** Says that nothing more comes. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * The next message; "wait" where it has not come whole, "end" behind the last.
   * @throws ArrowFault, RangeError for what is no stream, or one that is cut short
   */
  next(): ArrowMessage | "wait" | "end" {
    for (;;) {
      const step = this.#step();
      if (step !== undefined) return step;
    }
  }

  #step(): ArrowMessage | "wait" | "end" | undefined {
    const next = this.#next;
    switch (next.part) {
      case "end":
        return this.#passEnd();
      case "length":
      case "second length": {
        if (this.#held === 0 && this.#isClosed && next.part === "length") return "end";
        const bytes = this.#take(4);
        return bytes === undefined ? this.#wait() : this.#begin(bytes, next.part === "length");
      }
      case "rest of the magic word":
        if (this.#take(MAGIC.length - 4) === undefined) return this.#wait();
        this.#next = { part: "length" };
        return undefined;
      case "metadata": {
        const metadata = this.#take(next.bytes);
        if (metadata === undefined) return this.#wait();
        const message = FlatTable.root(metadata);
        const kind = KINDS[message.uint8(MESSAGE.kind)];
        const bytes = message.int64(MESSAGE.bodyLength);
        if (kind === undefined || !(bytes >= 0 && bytes < MOST_BODY)) {
          throw new ArrowFault(
            "it is damaged: a message is neither a schema, nor a dictionary, nor a record batch",
          );
        }
        this.#next = { part: "body", bytes, message: { kind, metadata } };
        return undefined;
      }
      default: {
        const body = this.#take(next.bytes);
        if (body === undefined) return this.#wait();
        this.#next = { part: "length" };
        return { ...next.message, body };
      }
    }
  }

  #begin(bytes: Uint8Array, isFirst: boolean): undefined {
    const length = new DataView(bytes.buffer).getInt32(0, true);
    if (length === CONTINUATION && isFirst) {
      this.#next = { part: "second length" };
      return;
    }
    if (length === 0) {
      this.#next = { part: "end" };
      return;
    }
    const word = String.fromCharCode(...bytes);
    if (MAGIC.startsWith(word) && isFirst && !this.#isFile) {
      this.#isFile = true;
      this.#next = { part: "rest of the magic word" };
      return;
    }
    if (this.#isFile && isFirst) {
      throw new ArrowFault(
        "it is a file whose schema stands at its end alone; write a stream (polars: write_ipc_stream)",
      );
    }
    if (length < 0 || length > MOST_METADATA) {
      throw new ArrowFault(`a message was expected, and ${JSON.stringify(word)} found`);
    }
    this.#next = { part: "metadata", bytes: length };
  }

  /** Behind a stream nothing may stand; behind that of a file, its footer. */
  #passEnd(): "wait" | "end" {
    if (this.#held > 0 && !this.#isFile) {
      throw new ArrowFault(
        "more bytes stand behind its end; write one stream, or give each stream to a process of its own",
      );
    }
    this.#pieces.length = 0;
    this.#held = 0;
    return "end";
  }

  #wait(): "wait" {
    if (!this.#isClosed) return "wait";
    const what = this.#next.part === "body" ? "a record batch" : "a message";
    throw new ArrowFault(`it ends in the middle of ${what}; send it again from its beginning`);
  }

  /** The next bytes, copied to where words of eight bytes lie well; undefined where there are fewer. */
  #take(count: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#held < count) return undefined;
    const bytes = new Uint8Array(count);
    let [at, used] = [0, 0];
    while (at < count) {
      const piece = this.#pieces[used] as Uint8Array;
      const part = piece.subarray(this.#taken, this.#taken + count - at);
      bytes.set(part, at);
      at += part.length;
      this.#taken += part.length;
      if (this.#taken < piece.length) break;
      this.#taken = 0;
      used++;
    }
    this.#pieces.splice(0, used);
    this.#held -= count;
    return bytes;
  }
}
