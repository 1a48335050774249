import { asciiBytes, isAt } from "./json-bytes.ts";

/** Words of plain ASCII and their places, by their hash: found by their bytes, without making a text of them. */
export type WordTable = ReadonlyMap<
  number,
  readonly { readonly bytes: Uint8Array; readonly place: number }[]
>;

/** The table of some words, each with its place in the list, or the one that is given for it. Words beyond ASCII are left out. */
export function wordTable(
  words: readonly string[],
  places: readonly number[] = [...words.keys()],
): WordTable {
  const table = new Map<number, { bytes: Uint8Array; place: number }[]>();
  words.forEach((word, index) => {
    if (!/^[ -~]*$/.test(word)) return;
    const bytes = asciiBytes(word);
    const hash = hashOf(bytes, 0, bytes.length);
    table.set(hash, [...(table.get(hash) ?? []), { bytes, place: places[index] as number }]);
  });
  return table;
}

/** The hash by which a word is found: of each byte, 31 times the hash before it and the byte, in 32 bits. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  return hash;
}

/**
 * The place of the word from `start` to `end`; undefined for one that is not in the table.
 * @param hash of the word's bytes, as `hashOf` gives it
 */
export function findWord(
  table: WordTable,
  hash: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  for (const word of table.get(hash) ?? []) if (isWord(bytes, start, end, word.bytes)) return word.place;
  return undefined;
}

/** Whether a word stands from `start` to `end`, and no more. */
export function isWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  return end - start === word.length && isAt(bytes, end, start, word);
}
