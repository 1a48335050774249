import { findWord, isWord, type WordTable, wordTable } from "./ascii-words.ts";
import { areAt, type BytesInWords, bytesInWords } from "./bytes-in-words.ts";
import { isAt } from "./json-bytes.ts";
import { EVENT_FIELDS } from "./json-events.ts";
import { RATE_FIELDS } from "./json-sampling.ts";

const [QUOTE, SPACE, BACKSLASH, COLON] = [34, 32, 92, 58];

/** The fields that say whether a record is a flow, and whether its counts are a sample's. */
export const SAYING_FIELDS: readonly string[] = [...EVENT_FIELDS, ...RATE_FIELDS];

/** Text to read, and the same bytes to be read several at once. */
export interface ViewedText {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A key of an object, and what its field is. */
export interface JsonKey {
  /** ASCII, with the quote that ends it. */
  readonly bytes: Uint8Array;
  /** The same with a colon behind it, as most writers have it. */
  readonly withColon: BytesInWords;
  /** Index of the column; -1 for a field that is none. */
  readonly column: number;
  /** Whether it is one of the names to look out for. */
  readonly isNoticed: boolean;
  /** Its place in `SAYING_FIELDS`; -1 for others. */
  readonly saying: number;
  /** The columns within, where the field may be an object. */
  readonly inner: KeyLevel | undefined;
  /** Keys that stood behind it: in other records one of them does, too. */
  readonly followers: JsonKey[];
  /** Whether it is remembered. */
  readonly isMet: boolean;
}

/** The keys of the objects that stand in one place of a record: of the record itself, or of a field of it. */
export interface KeyLevel {
  /** What stands before the first key. */
  readonly start: JsonKey;
  /** By their hash. */
  readonly met: Map<number, JsonKey[]>;
  /** Places in the list of columns. */
  readonly columns: WordTable;
  /** Places in `inners`. */
  readonly innerNames: WordTable;
  readonly inners: readonly KeyLevel[];
  readonly isOuter: boolean;
  /** The number of the record that had such an object last. */
  record: number;
}

/** So many keys are looked for behind another. */
const MOST_FOLLOWERS = 4;

/** More keys with one hash, or in all, are not remembered: somebody makes them up. */
const MOST_OF_A_HASH = 4;
const MOST_MET = 2048;

/** The keys of a record by which columns are found: their names, or the parts of these that stand before and behind a dot. */
export function keyLevel(names: readonly string[]): KeyLevel {
  return levelOf(
    names.map((name, column) => ({ name, column })),
    true,
  );
}

function levelOf(
  columns: readonly { readonly name: string; readonly column: number }[],
  isOuter: boolean,
): KeyLevel {
  const within = new Map<string, { name: string; column: number }[]>();
  for (const { name, column } of columns) {
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const outer = name.slice(0, dot);
      within.set(outer, [...(within.get(outer) ?? []), { name: name.slice(dot + 1), column }]);
    }
  }
  return {
    start: {
      bytes: new Uint8Array(),
      withColon: bytesInWords(new Uint8Array()),
      column: -1,
      isNoticed: false,
      saying: -1,
      inner: undefined,
      followers: [],
      isMet: true,
    },
    met: new Map(),
    columns: wordTable(
      columns.map(({ name }) => name),
      columns.map(({ column }) => column),
    ),
    innerNames: wordTable([...within.keys()]),
    inners: [...within.values()].map((inner) => levelOf(inner, false)),
    isOuter,
    record: 0,
  };
}

/** Reads keys: one is looked for where records before had it, behind the same key. */
export class JsonKeyReader {
  /** Where the key that was read last ends, past its quote, or past the colon behind it. */
  after = 0;
  hasColon = false;
  readonly #noticed: WordTable;
  readonly #saying = wordTable(SAYING_FIELDS);
  #met = 0;

  /** @param noticed names of a record's own fields to look out for */
  constructor(noticed: readonly string[]) {
    this.#noticed = wordTable(noticed);
  }

  /** The key whose first letter is at `from`; undefined for one that is no plain ASCII, or has no end. */
  read(
    level: KeyLevel,
    before: JsonKey,
    { bytes, view }: ViewedText,
    end: number,
    from: number,
  ): JsonKey | undefined {
    const { followers } = before;
    for (let k = 0; k < followers.length; k++) {
      const key = followers[k] as JsonKey;
      const { withColon } = key;
      if (withColon.length > end - from || !areAt(view, from, withColon)) continue;
      this.after = from + withColon.length;
      this.hasColon = true;
      return key;
    }
    this.hasColon = false;
    for (let k = 0; k < followers.length; k++) {
      const key = followers[k] as JsonKey;
      if (!isAt(bytes, end, from, key.bytes)) continue;
      this.after = from + key.bytes.length;
      return key;
    }
    let hash = 0;
    let i = from;
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) break;
      if (byte < SPACE || byte === BACKSLASH || byte > 126) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (i >= end) return undefined;
    this.after = i + 1;
    const key = this.#find(level, hash, bytes, from, i);
    if (key.isMet && followers.length < MOST_FOLLOWERS) followers.push(key);
    return key;
  }

  #find(level: KeyLevel, hash: number, bytes: Uint8Array, from: number, to: number): JsonKey {
    const met = level.met.get(hash) ?? [];
    for (const key of met) if (isWord(bytes, from, to + 1, key.bytes)) return key;
    const saying = level.isOuter ? findWord(this.#saying, hash, bytes, from, to) : undefined;
    const key: JsonKey = {
      bytes: bytes.slice(from, to + 1),
      withColon: bytesInWords(Uint8Array.of(...bytes.subarray(from, to + 1), COLON)),
      column: findWord(level.columns, hash, bytes, from, to) ?? -1,
      isNoticed: level.isOuter && findWord(this.#noticed, hash, bytes, from, to) !== undefined,
      saying: saying ?? -1,
      inner: level.inners[findWord(level.innerNames, hash, bytes, from, to) ?? -1],
      followers: [],
      isMet: met.length < MOST_OF_A_HASH && this.#met < MOST_MET,
    };
    if (!key.isMet) return key;
    this.#met++;
    level.met.set(hash, [...met, key]);
    return key;
  }
}
