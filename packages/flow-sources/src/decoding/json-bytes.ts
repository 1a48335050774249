/**
 * The grammar of JSON (RFC 8259) over the bytes of UTF-8 text: `from` and `end` are places in `bytes`, and nothing behind
 * `end` is looked at. Beyond the grammar, `NaN`, `Infinity` and `-Infinity` are numbers: Python's `json` writes them.
 */

const [TAB, LINE_FEED, RETURN, SPACE, QUOTE, COMMA, PLUS, MINUS, POINT, COLON] = [
  9, 10, 13, 32, 34, 44, 43, 45, 46, 58,
];
const [ZERO, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE] = [48, 91, 92, 93, 123, 125];
const [LARGE_E, SMALL_E, SMALL_U] = [69, 101, 117];

/** What may follow a backslash: " \\ / b f n r t u. */
const ESCAPES: ReadonlySet<number> = new Set([QUOTE, BACKSLASH, 47, 98, 102, 110, 114, 116, SMALL_U]);

/** By a byte: 1 for one that is a letter of a text by itself. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte < 128 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Lists and objects within one another; more is no flow, and readers differ in how many they can hold. */
export const DEEPEST_NESTING = 512;

const NULL = asciiBytes("null");
const TRUE = asciiBytes("true");
const FALSE = asciiBytes("false");
const NOT_A_NUMBER = asciiBytes("NaN");
const INFINITE = asciiBytes("Infinity");

/** The values that are words. */
const WORDS = [NULL, TRUE, FALSE, NOT_A_NUMBER, INFINITE];

/** The place of the next byte that is no space. */
export function skipSpace(bytes: Uint8Array, end: number, from: number): number {
  let i = from;
  while (i < end && isSpace(bytes[i] as number)) i++;
  return i;
}

/** Space, tab, line feed or carriage return: all the space that JSON has. */
export function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === LINE_FEED || byte === RETURN;
}

/**
 * The end of a text whose first letter is at `from`, past its quote; -1 where it is none, or no UTF-8. Escapes are passed
 * over; half of a surrogate pair may stand in them.
 */
export function endOfText(bytes: Uint8Array, end: number, from: number): number {
  for (let i = from; i < end; ) {
    const byte = bytes[i] as number;
    if (IS_PLAIN[byte] === 1) {
      i++;
      continue;
    }
    if (byte === QUOTE) return i + 1;
    if (byte < SPACE) return -1;
    i = byte === BACKSLASH ? endOfEscape(bytes, end, i) : endOfWideLetter(bytes, end, i);
    if (i < 0) return -1;
  }
  return -1;
}

/** The end of the escape whose backslash is at `from`; -1 where it is none. */
function endOfEscape(bytes: Uint8Array, end: number, from: number): number {
  const escaped = from + 1 < end ? (bytes[from + 1] as number) : 0;
  if (escaped !== SMALL_U) return ESCAPES.has(escaped) ? from + 2 : -1;
  if (from + 6 > end) return -1;
  for (let i = from + 2; i < from + 6; i++) if (!isHexDigit(bytes[i] as number)) return -1;
  return from + 6;
}

/** The end of the value that begins at `from`; -1 where there is none, or it is nested deeper than `DEEPEST_NESTING`. */
export function endOfValue(bytes: Uint8Array, end: number, from: number): number {
  const byte = from < end ? (bytes[from] as number) : 0;
  return byte === OPEN || byte === OPEN_LIST ? endOfNested(bytes, end, from) : endOfPlain(bytes, end, from);
}

/** The end of the value that begins at `from` and is no list and no object; -1 where there is none. */
function endOfPlain(bytes: Uint8Array, end: number, from: number): number {
  const byte = from < end ? (bytes[from] as number) : 0;
  if (byte === QUOTE) return endOfText(bytes, end, from + 1);
  if (byte === MINUS || isDigit(byte)) return endOfNumber(bytes, end, from);
  for (const word of WORDS) {
    if (isAt(bytes, end, from, word)) return from + word.length;
  }
  return -1;
}

function endOfNumber(bytes: Uint8Array, end: number, from: number): number {
  let i = bytes[from] === MINUS ? from + 1 : from;
  if (isAt(bytes, end, i, INFINITE)) return i + INFINITE.length;
  const whole = i;
  i = endOfDigits(bytes, end, i);
  if (i === whole || (i > whole + 1 && bytes[whole] === ZERO)) return -1;
  if (i < end && bytes[i] === POINT) {
    const fraction = i + 1;
    i = endOfDigits(bytes, end, fraction);
    if (i === fraction) return -1;
  }
  if (i < end && (bytes[i] === SMALL_E || bytes[i] === LARGE_E)) {
    let power = i + 1;
    if (power < end && (bytes[power] === PLUS || bytes[power] === MINUS)) power++;
    i = endOfDigits(bytes, end, power);
    if (i === power) return -1;
  }
  return i;
}

function endOfDigits(bytes: Uint8Array, end: number, from: number): number {
  let i = from;
  while (i < end && isDigit(bytes[i] as number)) i++;
  return i;
}

/** Without recursion: what is nested deep must not end in a full stack. */
function endOfNested(bytes: Uint8Array, end: number, from: number): number {
  /** What closes the lists and objects that are open. */
  const closing: number[] = [];
  let i = from;
  for (;;) {
    const byte = i < end ? (bytes[i] as number) : 0;
    if (byte === OPEN || byte === OPEN_LIST) {
      if (closing.length === DEEPEST_NESTING) return -1;
      const close = byte === OPEN ? CLOSE : CLOSE_LIST;
      closing.push(close);
      i = skipSpace(bytes, end, i + 1);
      if (i >= end || bytes[i] !== close) {
        if (byte === OPEN) i = valueAfterKey(bytes, end, i);
        if (i < 0) return -1;
        continue;
      }
    } else {
      i = endOfPlain(bytes, end, i);
      if (i < 0) return -1;
    }
    // A value has ended, and what it is in may end too.
    for (;;) {
      i = skipSpace(bytes, end, i);
      if (i >= end) return -1;
      if (bytes[i] === COMMA) break;
      if (bytes[i] !== closing.pop()) return -1;
      i++;
      if (closing.length === 0) return i;
    }
    i = skipSpace(bytes, end, i + 1);
    if (closing.at(-1) === CLOSE) i = valueAfterKey(bytes, end, i);
    if (i < 0) return -1;
  }
}

/** Where the value begins whose key begins at `from`; -1 where there is none. */
function valueAfterKey(bytes: Uint8Array, end: number, from: number): number {
  if (from >= end || bytes[from] !== QUOTE) return -1;
  const after = endOfText(bytes, end, from + 1);
  const colon = after < 0 ? end : skipSpace(bytes, end, after);
  return colon < end && bytes[colon] === COLON ? skipSpace(bytes, end, colon + 1) : -1;
}

/** The end of the letter that begins at `from` with a byte above 127; -1 where it is not well-formed (Unicode, table 3-7). */
function endOfWideLetter(bytes: Uint8Array, end: number, from: number): number {
  const lead = bytes[from] as number;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || from + length > end) return -1;
  const second = bytes[from + 1] as number;
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return -1;
  for (let i = from + 2; i < from + length; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) return -1;
  return from + length;
}

/** Whether the bytes of a word are there. */
export function isAt(bytes: Uint8Array, end: number, from: number, word: Uint8Array): boolean {
  if (from + word.length > end) return false;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}

export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 102);
}
