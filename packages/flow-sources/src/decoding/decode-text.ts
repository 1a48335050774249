import { decodeUtf8, letterOfWindows1252 } from "./utf8.ts";

/**
 * Makes text of bytes, a piece at a time, wherever they are cut. The text is UTF-8; a byte that is no part of UTF-8 is taken for
 * the letter that it is in Windows-1252, in which much CSV was saved. A byte order mark at the beginning is passed over.
 */
export class TextDecoding {
  #cut = new Uint8Array();
  #isFirst = true;
  /** Whether a byte was taken for Windows-1252. */
  isMended = false;

  /** The text of the next bytes; without any, of what is left. */
  decode(piece?: Uint8Array): string {
    const bytes = this.#cut.length === 0 && piece !== undefined ? piece : joined(this.#cut, piece);
    const whole = piece === undefined ? bytes.length : wholeLetters(bytes);
    this.#cut = bytes.slice(whole);
    let text = decodeUtf8(bytes.subarray(0, whole));
    if (text === undefined) {
      this.isMended = true;
      text = decodeMended(bytes.subarray(0, whole));
    }
    if (!this.#isFirst || text === "") return text;
    this.#isFirst = false;
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  }
}

/** The text of bytes by the same rule. */
export function decodeText(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? decodeMended(bytes);
}

function decodeMended(bytes: Uint8Array): string {
  let text = "";
  let from = 0;
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i);
    if (length > 0) {
      i += length;
      continue;
    }
    text += decodeUtf8(bytes.subarray(from, i)) + letterOfWindows1252(bytes[i] as number);
    from = ++i;
  }
  return text + decodeUtf8(bytes.subarray(from));
}

/** How many bytes the letter at a place has in UTF-8; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const length = expectedLength(bytes[at] as number);
  if (length <= 1) return length;
  const letter = bytes.subarray(at, at + length);
  return letter.length === length && decodeUtf8(letter) !== undefined ? length : 0;
}

/** How many bytes a letter has that begins with this one; 0 for what begins none. */
function expectedLength(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc2) return 0;
  if (byte < 0xe0) return 2;
  if (byte < 0xf0) return 3;
  return byte < 0xf5 ? 4 : 0;
}

/** Where the last whole letter ends: up to three bytes of the next may stand behind it. */
function wholeLetters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    return expectedLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function joined(first: Uint8Array, second: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(first.length + (second?.length ?? 0));
  bytes.set(first);
  if (second !== undefined) bytes.set(second, first.length);
  return bytes;
}
