import { findWord, isWord, type WordTable, wordTable } from "./ascii-words.ts";
import { skipSpace } from "./json-bytes.ts";
import { EVENT_FIELDS } from "./json-events.ts";
import { RATE_FIELDS } from "./json-sampling.ts";
import { type EntryKey, KEY_ENTRY, KeyEntries, START, standsAt } from "./key-entries.ts";

const [LINE_FEED, SPACE, QUOTE, COMMA, POINT, COLON, BACKSLASH, CLOSE] = [10, 32, 34, 44, 46, 58, 92, 125];

/** The fields that say whether a record is a flow, and whether its counts are a sample's. */
export const SAYING_FIELDS: readonly string[] = [...EVENT_FIELDS, ...RATE_FIELDS];

/** Text to read, and the same bytes to be read several at once. */
export interface ViewedText {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A key of an object, and what its field is. */
export interface JsonKey extends EntryKey {
  /** ASCII, without its quotes. */
  readonly bytes: Uint8Array;
  /** Whether it is one of the names to look out for. */
  readonly isNoticed: boolean;
  /** Its place in `SAYING_FIELDS`; -1 for others. */
  readonly saying: number;
  /** The columns within, where the field may be an object. */
  readonly inner: KeyLevel | undefined;
  /** Whether it is the field of a column that may also stand at another level. */
  readonly isDotted: boolean;
}

/** The keys of the objects that stand in one place of a record: of the record itself, or of a field of it. */
export interface KeyLevel {
  /** Those that have been met, as they follow each other. */
  readonly entries: KeyEntries<JsonKey>;
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
    entries: new KeyEntries(),
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

/** Names of the keys that have been met. */
export function keysOf({ met }: KeyLevel): readonly string[] {
  return [...met.values()].flat().map(({ bytes }) => String.fromCharCode(...bytes));
}

/** Reads keys that do not stand where the record before had them. */
export class JsonKeyReader {
  /** Where the value of the key begins that was read last; where there was none, the end of the object, or -1. */
  after = 0;
  /** Whether a line has ended between two values of a record. */
  metLineFeed = false;
  /** Whether a key was not remembered. */
  forgets = false;
  readonly #noticed: WordTable;
  readonly #saying = wordTable(SAYING_FIELDS);
  #met = 0;

  /** @param noticed names of a record's own fields to look out for */
  constructor(noticed: readonly string[]) {
    this.#noticed = wordTable(noticed);
  }

  /**
   * The entry of the key behind what ends at `from`: the value of the key before, or the bracket that opens the object. -1 where
   * the object ends there, or something else stands there than a key of plain ASCII.
   * @param before the entry of the key before
   */
  read(level: KeyLevel, before: number, { bytes, view }: ViewedText, end: number, from: number): number {
    const { entries } = level;
    for (const entry of entries.followers(before)) {
      if (!standsAt(entries.numbers, entry, view, end, from)) continue;
      entries.expect(before, entry);
      this.after = from + (entries.numbers[entry + KEY_ENTRY.length] as number);
      return entry;
    }
    this.after = -1;
    let quote = skipSpace(bytes, end, from);
    if (quote >= end) return -1;
    if (bytes[quote] === CLOSE) {
      this.metLineFeed ||= bytes.subarray(from, quote).includes(LINE_FEED);
      this.after = quote + 1;
      return -1;
    }
    if (before !== START) {
      if (bytes[quote] !== COMMA) return -1;
      quote = skipSpace(bytes, end, quote + 1);
    }
    if (quote >= end || bytes[quote] !== QUOTE) return -1;
    let hash = 0;
    let i = quote + 1;
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) break;
      if (byte < SPACE || byte === BACKSLASH || byte > 126) return -1;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const colon = skipSpace(bytes, end, i + 1);
    if (colon >= end || bytes[colon] !== COLON) return -1;
    const key = this.#find(level, hash, bytes, quote + 1, i);
    const after = skipSpace(bytes, end, colon + 1);
    this.after = after;
    const lead = bytes.subarray(from, after);
    this.metLineFeed ||= lead.includes(LINE_FEED);
    return entries.add(before, key, lead);
  }

  #find(level: KeyLevel, hash: number, bytes: Uint8Array, from: number, to: number): JsonKey {
    const met = level.met.get(hash) ?? [];
    for (const key of met) if (isWord(bytes, from, to, key.bytes)) return key;
    const column = findWord(level.columns, hash, bytes, from, to) ?? -1;
    const saying = level.isOuter ? findWord(this.#saying, hash, bytes, from, to) : undefined;
    const isNoticed = level.isOuter && findWord(this.#noticed, hash, bytes, from, to) !== undefined;
    const inner = level.inners[findWord(level.innerNames, hash, bytes, from, to) ?? -1];
    const own = bytes.slice(from, to);
    const isDotted = column >= 0 && (!level.isOuter || own.includes(POINT));
    const key: JsonKey = {
      bytes: own,
      column,
      isNoticed,
      saying: saying ?? -1,
      inner,
      isPlain: !isNoticed && saying === undefined && inner === undefined && !isDotted,
      isDotted,
      isMet: met.length < MOST_OF_A_HASH && this.#met < MOST_MET,
    };
    if (!key.isMet) {
      this.forgets = true;
      return key;
    }
    this.#met++;
    level.met.set(hash, [...met, key]);
    return key;
  }
}
