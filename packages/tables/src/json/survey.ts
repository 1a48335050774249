import {
  EVENT_FIELDS,
  JsonFields,
  JsonItemFramer,
  type JsonLayout,
  JsonLeaves,
  noFlowWords,
  RATE_FIELDS,
  readJsonRecord,
  samplingOf,
} from "@oddflow/flow-sources";
import { TIME_TEXT } from "@oddflow/preprocessing";
import type { TableFile } from "../table-files.ts";
import { type JsonText, jsonFramer, readJsonTexts, unreadableJson } from "./read-records.ts";

/**
 * Kinds of values, as bits: a key's values may be of several. "wide" is an integer that 64 bits do not hold, "time" a text
 * such as `TIME_TEXT`, "object" an object, whose fields are keys of their own, "nested" a list.
 */
export const KIND = {
  null: 1,
  integer: 2,
  wide: 4,
  number: 8,
  boolean: 16,
  text: 32,
  time: 64,
  nested: 128,
  object: 256,
} as const;

const TIME = new RegExp(`^(${TIME_TEXT})$`);

/** Bytes of the shortest and the longest text that may be a time, with its quotes. */
const [SHORTEST_TIME, LONGEST_TIME] = [12, 64];

/** What the files of a table hold. */
export interface JsonSurvey {
  readonly rows: number;
  /**
   * Every key that some record has, in the order in which they were met, and the kinds of its values. A field of an object has
   * the object's name and a dot before its own. What is an object wherever it is no null is no key.
   */
  readonly keys: ReadonlyMap<string, SurveyedKey>;
  /** What is an object wherever it is no null. */
  readonly objects: ReadonlySet<string>;
  readonly files: readonly SurveyedFile[];
}

export interface SurveyedKey {
  readonly kinds: number;
  /** Where its first list or object stands, in words. */
  readonly nestedAt: string | undefined;
}

interface SurveyedFile {
  readonly keys: ReadonlySet<string>;
  readonly layout: JsonLayout;
  /** What of it is no flow, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Whether counts of some record are a sample's, and are multiplied by its rate. */
  readonly isSampled: boolean;
  /** Bytes of the longest record. */
  readonly longest: number;
  /** Whether DuckDB would refuse the file, or read it in another way than the rest of Oddflow: see `writePlainCopy`. */
  readonly isOdd: boolean;
}

const [QUOTE, PLUS, MINUS, POINT, BACKSLASH, SMALL_D, LARGE_D, SMALL_U] = [34, 43, 45, 46, 92, 100, 68, 117];
const [OPEN_LIST, OPEN, SMALL_T, SMALL_F, SMALL_N] = [91, 123, 116, 102, 110];

/** A number of fewer characters than 2^63 has digits fits in 64 bits, if it is an integer. */
const SAFE_DIGITS = 18;

const LEAST_INTEGER = -(2n ** 63n);
const MOST_INTEGER = 2n ** 63n - 1n;

interface Key {
  readonly name: string;
  kinds: number;
  nestedAt: string | undefined;
  /** The record that had it last. */
  record: number;
  /** The keys of the file that had it last. */
  file: Set<string> | undefined;
}

/**
 * Reads every record once: sees that it is one by the rules of `readJsonRecord`, which keys there are and what they hold.
 * @throws OddflowError TABLE_UNREADABLE, with the line
 */
export async function surveyJson(files: readonly TableFile[]): Promise<JsonSurvey> {
  const keys = new Map<string, Key>();
  const fields = new JsonFields();
  const leaves = new JsonLeaves();
  let leftOut = new Map<string, number>();
  let isSampled = false;
  /** The keys of the last record by their places: most records have them where the one before had. */
  const placed: Key[] = [];
  let rows = 0;
  let isOdd = false;
  let fileKeys = new Set<string>();

  const noteKey = (key: Key, kind: number, { line }: JsonText, file: TableFile): void => {
    key.record = rows;
    if (key.file !== fileKeys) {
      key.file = fileKeys;
      fileKeys.add(key.name);
    }
    if (kind === KIND.nested || kind === KIND.object) key.nestedAt ??= `line ${line} of ${file.path}`;
    key.kinds |= kind;
  };

  const keyOf = (name: string): Key => {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = { name, kinds: 0, nestedAt: undefined, record: 0, file: undefined };
    keys.set(name, key);
    return key;
  };

  const take = (text: JsonText, file: TableFile): void => {
    const { bytes, start, end } = text;
    if (fields.find(bytes, start, end) !== end) throw noRecord(file, text);
    if (saysMore(fields, bytes)) {
      const reading = readJsonRecord(bytes.subarray(start, end));
      const record = "record" in reading ? reading.record : {};
      const noFlow = noFlowWords(record);
      if (noFlow !== undefined) {
        leftOut.set(noFlow, (leftOut.get(noFlow) ?? 0) + 1);
        isOdd = true;
        return;
      }
      if (samplingOf(record) !== undefined) {
        isSampled = true;
        isOdd = true;
      }
    }
    rows++;
    let hasObjects = false;
    for (let field = 0; field < fields.count; field++) {
      const name = fields.name(field);
      let key = placed[field];
      if (key?.name !== name) {
        key = keyOf(name);
        placed[field] = key;
      }
      if (key.record === rows) isOdd = true;
      const kind = kindOf(bytes, fields.value(field), fields.end(field));
      if (kind === KIND.object) hasObjects = true;
      noteKey(key, kind, text, file);
    }
    if (hasObjects) {
      // DuckDB would take the whole object for a value.
      isOdd = true;
      for (const leaf of leaves.find(bytes, start, end) ?? []) {
        if (leaf.depth > 0) noteKey(keyOf(leaf.name), kindOf(bytes, leaf.start, leaf.end), text, file);
      }
    }
    // A surrogate, which may be half of a pair, is written as \ud83d.
    if (!isOdd && hasSurrogate(bytes, start, end)) isOdd = true;
  };

  const surveyed: SurveyedFile[] = [];
  for (const file of files) {
    const framer = jsonFramer(file);
    let longest = 0;
    isOdd = false;
    fileKeys = new Set();
    leftOut = new Map();
    isSampled = false;
    for await (const texts of readJsonTexts(file, framer)) {
      for (const text of texts) {
        take(text, file);
        longest = Math.max(longest, text.end - text.start);
      }
    }
    const layout = framer instanceof JsonItemFramer ? framer.layout : "lines";
    surveyed.push({
      keys: fileKeys,
      layout,
      longest,
      leftOut,
      isSampled,
      isOdd: isOdd || framer.hadByteOrderMark,
    });
  }
  const objects = new Set<string>();
  for (const [name, { kinds }] of keys) {
    if ((kinds | KIND.null) !== (KIND.object | KIND.null)) continue;
    objects.add(name);
    keys.delete(name);
  }
  return { rows, keys, objects, files: surveyed };
}

const ONE = 49;

const TELLING: ReadonlySet<string> = new Set([...EVENT_FIELDS, ...RATE_FIELDS]);

/** Whether a record has a field that may say that it is no flow, or that its counts are a sample's. */
function saysMore(fields: JsonFields, bytes: Uint8Array): boolean {
  for (let field = 0; field < fields.count; field++) {
    if (!TELLING.has(fields.name(field))) continue;
    const first = bytes[fields.value(field)] as number;
    const isRate = fields.end(field) - fields.value(field) > 1 || first > ONE;
    if (first === QUOTE || (RATE_FIELDS.includes(fields.name(field)) && isRate)) return true;
  }
  return false;
}

function noRecord(file: TableFile, { bytes, start, end, line }: JsonText): Error {
  const reading = readJsonRecord(bytes.subarray(start, end));
  if ("record" in reading)
    throw new Error(`survey: ${file.path}, line ${line} is read in one way and not in another`);
  const { found, expected } = reading.problem;
  const problem = expected === "JSON" ? `is no JSON: ${found}` : `holds ${found}, expected ${expected}`;
  return unreadableJson(file, `line ${line} ${problem}; correct or remove it`);
}

function kindOf(bytes: Uint8Array, start: number, end: number): number {
  switch (bytes[start]) {
    case QUOTE:
      return isTime(bytes, start, end) ? KIND.time : KIND.text;
    case OPEN:
      return KIND.object;
    case OPEN_LIST:
      return KIND.nested;
    case SMALL_T:
    case SMALL_F:
      return KIND.boolean;
    case SMALL_N:
      return KIND.null;
    default:
      return kindOfNumber(bytes, start, end);
  }
}

function isTime(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < SHORTEST_TIME || length > LONGEST_TIME || bytes[start + 5] !== MINUS) return false;
  return TIME.test(String.fromCharCode(...bytes.subarray(start + 1, end - 1)));
}

function kindOfNumber(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    // A point, an exponent, or a letter of NaN or Infinity.
    if (byte === POINT || byte === PLUS || byte > 57) return KIND.number;
  }
  if (end - start <= SAFE_DIGITS) return KIND.integer;
  const value = BigInt(String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 40))));
  return end - start < 40 && value >= LEAST_INTEGER && value <= MOST_INTEGER ? KIND.integer : KIND.wide;
}

function hasSurrogate(bytes: Uint8Array, start: number, end: number): boolean {
  const text = bytes.subarray(start, end);
  for (let i = text.indexOf(BACKSLASH); i >= 0; i = text.indexOf(BACKSLASH, i + 2)) {
    if (text[i + 1] !== SMALL_U) continue;
    const first = text[i + 2];
    const second = text[i + 3] as number;
    if ((first === SMALL_D || first === LARGE_D) && second >= 56) return true;
  }
  return false;
}
