import { OddflowError } from "@oddflow/preprocessing";
import { WrittenBytes } from "../encoding/written-bytes.ts";
import { ByteWindow } from "../framing/byte-window.ts";
import { LONGEST_LINE } from "../framing/lines.ts";
import { goflow2Json } from "./goflow2-message.ts";
import { WireFields } from "./wire-fields.ts";

const LINE_FEED = 10;

/** What a message of goflow2's begins with: the tag of its type. No text has it. */
const TYPE_TAG = 8;

/** A length of so many bytes at most is enough to see what comes behind it. */
const LONGEST_LENGTH = 4;

/**
 * The value of one record, as goflow2 writes it to Kafka: a message with its length before it, or without.
 * @returns the line of JSON that `goflow2Json` makes of it; undefined for what is no such message
 */
export function goflow2Record(value: Uint8Array): string | undefined {
  const fields = new WireFields(value);
  const length = fields.readVarint();
  const rest = value.subarray(fields.at);
  // Behind a message goflow2 may write what ends lines.
  const isLast = rest.length === length || (rest.length - 1 === length && rest.at(-1) === LINE_FEED);
  return goflow2Json(isLast ? rest.subarray(0, length) : value);
}

/**
 * Lines of JSON for messages of goflow2's protobuf with their lengths before them, as `-format bin` writes them to a file or a
 * pipe, whatever stands between them (`-transport.file.sep`, a line's end or nothing). What begins otherwise is passed on as it is.
 * @param source what is read, as errors name it
 * @throws OddflowError RECORD_INVALID, behind what came before
 */
export async function* goflow2Lines(
  pieces: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Uint8Array> {
  const messages = new MessageWindow(source);
  let isProtobuf: boolean | undefined;
  for await (const piece of pieces) {
    if (isProtobuf === false) {
      yield piece;
      continue;
    }
    messages.append(piece);
    isProtobuf ??= messages.areThere();
    if (isProtobuf === true) yield* messages.take();
    else if (isProtobuf === false) yield messages.rest();
  }
  if (isProtobuf === true) messages.end();
  else if (isProtobuf === undefined) yield messages.rest();
}

/** Bytes that have come, and messages in them. */
class MessageWindow {
  readonly #source: string;
  readonly #window = new ByteWindow();
  #taken = 0;

  constructor(source: string) {
    this.#source = source;
  }

  append(piece: Uint8Array): void {
    this.#window.append(piece);
  }

  /** Whether what came begins with a message; undefined where that is not known yet. */
  areThere(): boolean | undefined {
    const start = this.rest();
    const lengthEnd = start.subarray(0, LONGEST_LENGTH).findIndex((byte) => byte < 128);
    if (lengthEnd < 0) return start.length < LONGEST_LENGTH ? undefined : false;
    const [tag, type] = start.subarray(lengthEnd + 1);
    if (tag !== undefined && tag !== TYPE_TAG) return false;
    return type === undefined ? undefined : type >= 1 && type <= 4;
  }

  /** Takes the whole messages. */
  *take(): Generator<Uint8Array> {
    const lines = new WrittenBytes();
    try {
      for (let line = this.#next(); line !== undefined; line = this.#next()) lines.putText(`${line}\n`);
    } finally {
      // What is wrong with one comes behind those before it.
      if (lines.length > 0) yield lines.take();
    }
  }

  /** All that is left. */
  rest(): Uint8Array {
    const { bytes, start, end } = this.#window;
    return bytes.subarray(start, end);
  }

  end(): void {
    if (this.#window.length > 0) throw this.#invalid("ends before its length");
  }

  #next(): string | undefined {
    const window = this.#window;
    // A message of ten bytes has no room for its time.
    while (window.length > 0 && window.bytes[window.start] === LINE_FEED) window.start++;
    const fields = new WireFields(window.bytes, window.start, window.end);
    const length = fields.readVarint();
    if (length === undefined) {
      if (window.length > LONGEST_LENGTH) throw this.#invalid("has no length before it");
      return undefined;
    }
    if (length > LONGEST_LINE) throw this.#invalid(`has ${length} bytes, at most ${LONGEST_LINE} expected`);
    const end = fields.at + Number(length);
    if (end > window.end) return undefined;
    const line = goflow2Json(window.bytes.subarray(fields.at, end));
    if (line === undefined) throw this.#invalid("is no FlowMessage");
    window.start = end;
    this.#taken++;
    return line;
  }

  #invalid(problem: string): OddflowError {
    return new OddflowError(
      "RECORD_INVALID",
      `score: message ${this.#taken + 1} of ${this.#source}, goflow2's protobuf, ${problem}; write it with -format bin`,
    );
  }
}
