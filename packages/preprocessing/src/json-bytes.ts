/** What JSON is made of, in the bytes of UTF-8 text: `from` and `end` are places in `bytes`, and nothing behind `end` is looked at. */

const [TAB, LINE_FEED, RETURN, SPACE, QUOTE, BACKSLASH, SMALL_U] = [9, 10, 13, 32, 34, 92, 117];

/** What may follow a backslash: " \\ / b f n r t u. */
const ESCAPES: ReadonlySet<number> = new Set([QUOTE, BACKSLASH, 47, 98, 102, 110, 114, 116, SMALL_U]);

/** The place of the next byte that is no space. */
export function skipSpace(bytes: Uint8Array, end: number, from: number): number {
  let i = from;
  while (i < end) {
    const byte = bytes[i];
    if (byte !== SPACE && byte !== TAB && byte !== LINE_FEED && byte !== RETURN) break;
    i++;
  }
  return i;
}

/** The end of a text whose first letter is at `from`, past its quote; -1 where it is none. Escapes are passed over. */
export function endOfText(bytes: Uint8Array, end: number, from: number): number {
  for (let i = from; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === QUOTE) return i + 1;
    if (byte < SPACE) return -1;
    if (byte !== BACKSLASH) continue;
    i++;
    const escaped = bytes[i] as number;
    if (i >= end || !ESCAPES.has(escaped)) return -1;
    if (escaped === SMALL_U) {
      if (i + 4 >= end) return -1;
      for (let digit = 1; digit <= 4; digit++) if (!isHexDigit(bytes[i + digit] as number)) return -1;
      i += 4;
    }
  }
  return -1;
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

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 32) >= 97 && (byte | 32) <= 102);
}
