/** What an entry says of its key. */
export interface EntryKey {
  /** Index of the column; -1 for a field that is none. */
  readonly column: number;
  /** Whether nothing but its value is to be looked at. */
  readonly isPlain: boolean;
  /** Whether it is remembered. */
  readonly isMet: boolean;
}

/** Where the numbers of an entry stand behind its place. */
export const KEY_ENTRY = {
  /** The entry that stood behind it last, 0 for none. */
  next: 0,
  /** Its key's `column`, or `OTHER`. */
  column: 1,
  /** The key's place in the list of keys. */
  key: 2,
  /** Bytes of the lead. */
  length: 3,
  /** The lead, four bytes each, the first lowest; the last word begins four bytes before the end. */
  words: 4,
} as const;

/** The column of a key that is not plain. */
export const OTHER = -2;

/** The entry before the first key. */
export const START = 0;

/** The entry of a key that is not remembered. */
const PASSING: number = KEY_ENTRY.words;

const WORD = 4;

/** A lead of more or fewer bytes is not remembered. */
const LONGEST_LEAD = 256;

/** So many entries are remembered behind one, so many of one key, and so many numbers in all. */
const MOST_FOLLOWERS = 4;
const MOST_LEADS = 4;
const MOST_NUMBERS = 1 << 17;

/**
 * Keys as they follow each other, each with its lead: all from the end of the value before to the beginning of its own, as one
 * writer writes it in every record. They lie one behind the other in one array of numbers, in the order in which they were met:
 * a list of objects that lead to others takes three times as long, since each has to be waited for.
 */
export class KeyEntries<Key extends EntryKey> {
  /** All entries, `KEY_ENTRY`. */
  numbers: Int32Array = new Int32Array(1024);
  readonly #keys: (Key | undefined)[] = [undefined, undefined];
  readonly #followers = new Map<number, number[]>();
  /** A key's entries, which differ in their leads. */
  readonly #ofKey = new Map<Key, number[]>();
  #end = 2 * KEY_ENTRY.words;

  key(entry: number): Key {
    return this.#keys[this.numbers[entry + KEY_ENTRY.key] as number] as Key;
  }

  /** What has stood behind an entry. */
  followers(entry: number): readonly number[] {
    return this.#followers.get(entry) ?? [];
  }

  /** Has an entry looked for first behind another. */
  expect(before: number, entry: number): void {
    this.numbers[before + KEY_ENTRY.next] = entry;
  }

  /** Adds a key behind another, where there is room to remember it. @returns its entry */
  add(before: number, key: Key, lead: Uint8Array): number {
    const entry = this.#find(key, lead) ?? this.#append(key, lead);
    if (entry === undefined) {
      this.#keys[1] = key;
      this.#write(PASSING, key, 1, lead.length);
      return PASSING;
    }
    const followers = this.#followers.get(before) ?? [];
    if (before !== PASSING && followers.length < MOST_FOLLOWERS) {
      this.#followers.set(before, [...followers, entry]);
      this.expect(before, entry);
    }
    return entry;
  }

  #find(key: Key, lead: Uint8Array): number | undefined {
    const view = new DataView(lead.buffer, lead.byteOffset, lead.length);
    return this.#ofKey
      .get(key)
      ?.find(
        (own) => this.#lengthOf(own) === lead.length && standsAt(this.numbers, own, view, lead.length, 0),
      );
  }

  /** @returns undefined where it is not to be remembered */
  #append(key: Key, lead: Uint8Array): number | undefined {
    const own = this.#ofKey.get(key) ?? [];
    const { length } = lead;
    const words = Math.ceil(length / WORD);
    const isShortOrLong = length < WORD || length > LONGEST_LEAD;
    if (!key.isMet || own.length >= MOST_LEADS || isShortOrLong || this.#end + words >= MOST_NUMBERS)
      return undefined;
    const entry = this.#end;
    this.#ofKey.set(key, [...own, entry]);
    this.#end += KEY_ENTRY.words + words;
    this.#makeRoom();
    this.#write(entry, key, this.#keys.length, length);
    this.#keys.push(key);
    const view = new DataView(lead.buffer, lead.byteOffset, length);
    for (let k = 0; k < words; k++) {
      this.numbers[entry + KEY_ENTRY.words + k] = view.getInt32(Math.min(k * WORD, length - WORD), true);
    }
    return entry;
  }

  #lengthOf(entry: number): number {
    return this.numbers[entry + KEY_ENTRY.length] as number;
  }

  #write(entry: number, key: Key, place: number, length: number): void {
    this.numbers[entry + KEY_ENTRY.column] = key.isPlain ? key.column : OTHER;
    this.numbers[entry + KEY_ENTRY.key] = place;
    this.numbers[entry + KEY_ENTRY.length] = length;
  }

  #makeRoom(): void {
    if (this.#end <= this.numbers.length) return;
    const longer = new Int32Array(2 * this.#end);
    longer.set(this.numbers);
    this.numbers = longer;
  }
}

/** Whether the lead of an entry stands at `from`. */
export function standsAt(
  numbers: Int32Array,
  entry: number,
  view: DataView,
  end: number,
  from: number,
): boolean {
  const last = from + (numbers[entry + KEY_ENTRY.length] as number) - WORD;
  if (last + WORD > end) return false;
  let word = entry + KEY_ENTRY.words;
  for (let at = from; at < last; at += WORD) {
    if (view.getInt32(at, true) !== numbers[word++]) return false;
  }
  return view.getInt32(last, true) === numbers[word];
}
