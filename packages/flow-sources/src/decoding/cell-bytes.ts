const [QUOTE, RETURN, SPACE, BACKSLASH] = [34, 13, 32, 92];

/** What a byte is in a cell: plain, the delimiter that ends it, or for `FlowRows` to read. */
export const PLAIN = 0;
export const ENDING = 1;
const ODD = 2;

/** What bytes are in a cell, by their values. */
export function byteKinds(delimiter: number): Uint8Array {
  const kinds = new Uint8Array(256).fill(ODD, 127);
  for (const byte of [QUOTE, BACKSLASH, RETURN]) kinds[byte] = ODD;
  kinds[delimiter] = ENDING;
  return kinds;
}

/** Where the last of some cells ends; -1 where there are fewer, or one is for `FlowRows` to read. */
export function skipCells(
  bytes: Uint8Array,
  start: number,
  end: number,
  cells: number,
  kinds: Uint8Array,
  hasQuotes: boolean,
): number {
  let left = cells;
  let isFirst = true;
  for (let at = start; at < end; at++) {
    const kind = kinds[bytes[at] as number];
    if (kind === PLAIN) {
      isFirst = false;
      continue;
    }
    if (kind === ODD) {
      if (!hasQuotes || !isFirst || bytes[at] !== QUOTE) return -1;
      at = closingQuote(bytes, at + 1, end, kinds);
      if (at < 0 || (at + 1 < end && kinds[bytes[at + 1] as number] !== ENDING)) return -1;
      isFirst = false;
      continue;
    }
    isFirst = true;
    left--;
    if (left === 0) return at;
  }
  return left === 1 ? end : -1;
}

/** Where a cell in quotes ends; -1 where something odd is in it. */
function closingQuote(bytes: Uint8Array, from: number, end: number, kinds: Uint8Array): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] === QUOTE) return at;
    if (kinds[bytes[at] as number] === ODD) return -1;
  }
  return -1;
}

/** The space of ASCII that is no line's end. */
export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === 9 || byte === 11 || byte === 12;
}

export function pastSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(bytes[at] as number)) at++;
  return at;
}

export function isPadded(bytes: Uint8Array, from: number, to: number): boolean {
  return to > from && (isBlank(bytes[from] as number) || isBlank(bytes[to - 1] as number));
}
