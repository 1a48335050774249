import type { ColumnCoding } from "@oddflow/preprocessing";
import { isSurelyFlow } from "../sensors/event-rule.ts";
import { columnReading } from "./column-reading.ts";
import { isAt } from "./json-bytes.ts";
import { FIELD_RULES } from "./json-events.ts";
import {
  type JsonKey,
  JsonKeyReader,
  type KeyLevel,
  keyLevel,
  keysOf,
  SAYING_FIELDS,
  type ViewedText,
} from "./json-keys.ts";
import { JsonValueReader } from "./json-values.ts";
import { KEY_ENTRY, OTHER, START, standsAt } from "./key-entries.ts";
import { SoughtValues } from "./sought-values.ts";

/**
 * Encodes flow records from the bytes of their JSON text, without making objects of them.
 *
 * Much of what a service does is reading JSON; this takes half the time of `JSON.parse` and `encode`. It reads the
 * records that there usually are: objects whose columns are numbers, plain texts, true, false or null, and objects of these, whose
 * fields have a dot before their names. What may be no flow, and whatever else there may be in JSON, it leaves to `readJsonRecord`, which also says what is no JSON, so that all records mean the same both ways.
 */
export interface JsonRecordEncoder {
  /**
   * Encodes the object that begins at `start` of UTF-8 text, as `RecordEncoder.encodeRecord` would, into `into` from
   * `first` on.
   * @returns where the object ends; -1 where it does not end before `end`, or is to be read by `readJsonRecord`
   */
  encodeText(text: Uint8Array, start: number, end: number, into: Float32Array, first: number): number;
  /**
   * Writes the values of the fields that are sought, of the last record, into `values`, as `JSON.parse` makes them; undefined
   * for a field that it has not.
   * @returns whether it did; where not, the record is for `readJsonRecord` to read
   */
  readSought(values: unknown[]): boolean;
  /** Whether the last record has the field of this place in the list of those that are sought. */
  hasSought(place: number): boolean;
  /** Names of records' own fields, of all that were looked at; undefined where there were too many to remember. */
  readonly keys: readonly string[] | undefined;
  /** How many of the columns the last record had. */
  readonly columnsFound: number;
  /** Whether the last record had a field of one of the names to look out for. */
  readonly hasNoticed: boolean;
  /** Whether some record went over the end of a line so far. */
  readonly metLineFeed: boolean;
}

const [QUOTE, ZERO, OPEN, CLOSE] = [34, 48, 123, 125];

/** So many values of flows are remembered. */
const MOST_FLOW_VALUES = 8;

/**
 * Makes an encoder for the given columns; it remembers the order of keys, so one a stream is best.
 * @param noticed names to look out for
 * @param sought names of fields whose values are wanted as they are, `readSought`
 */
export function createJsonRecordEncoder(
  columns: readonly ColumnCoding[],
  noticed: readonly string[] = [],
  sought: readonly string[] = [],
): JsonRecordEncoder {
  const width = columns.length;
  /** Of the columns, and behind them of fields that are only sought. */
  const names = [...new Set([...columns.map(({ name }) => name), ...sought])];
  const outer = keyLevel(names);
  const soughtValues = new SoughtValues(
    sought.map((name) => names.indexOf(name)),
    names.length,
  );
  const keys = new JsonKeyReader(noticed);
  const values = new JsonValueReader(columns.map(columnReading));
  /** By the field that says what a record is: values that only flows have, as they are written, with their quotes. */
  const flowValues = SAYING_FIELDS.map((): Uint8Array[] => []);
  /** Of columns that may be a field with a dot in its name or one in an object: the level that the last record had it at. */
  const foundAt = new Array<KeyLevel | undefined>(names.length);
  const foundIn = new Int32Array(names.length);
  let record = 0;
  let text: ViewedText = { bytes: new Uint8Array(), view: new DataView(new ArrayBuffer(0)) };

  let columnsFound = 0;
  let hasNoticed = false;

  /** Passes over what says what a record is; -1 where it may say that it is no flow, or that its counts are a sample's. */
  const skipSaying = (bytes: Uint8Array, end: number, from: number, saying: number): number => {
    const known = flowValues[saying] as Uint8Array[];
    for (const value of known) if (isAt(bytes, end, from, value)) return from + value.length;
    const after = values.skip(bytes, end, from);
    if (after < 0) return -1;
    const rules = FIELD_RULES[saying];
    if (rules === undefined) return after === from + 1 && (bytes[from] as number) <= ZERO + 1 ? after : -1;
    if (bytes[from] !== QUOTE) return after;
    let text = "";
    for (let k = from + 1; k < after - 1; k++) text += String.fromCharCode(bytes[k] as number);
    if (text.includes("\\") || !isSurelyFlow(rules, text)) return -1;
    // Few values are those of flows, and each is met over and over.
    if (known.length < MOST_FLOW_VALUES) known.push(bytes.slice(from, after));
    return after;
  };

  /** Encodes the fields of the object at `start`; gives where it ends, -1 where `readJsonRecord` must read the record. */
  const readObject = (
    level: KeyLevel,
    text: ViewedText,
    start: number,
    end: number,
    into: Float32Array,
    first: number,
  ): number => {
    const { bytes, view } = text;
    // Of two objects of one name the last counts, whole.
    if (bytes[start] !== OPEN || level.record === record) return -1;
    level.record = record;
    const { entries } = level;
    const { places } = soughtValues;
    let entry = START;
    let after = start + 1;
    for (;;) {
      const { numbers } = entries;
      const before = entry;
      entry = numbers[before + KEY_ENTRY.next] as number;
      let from = after + (numbers[entry + KEY_ENTRY.length] as number);
      if (entry === START || !standsAt(numbers, entry, view, end, after)) {
        entry = keys.read(level, before, text, end, after);
        from = keys.after;
        if (entry < 0) return from;
      }
      if (from >= end) return -1;
      const column = entries.numbers[entry + KEY_ENTRY.column] as number;
      if (column === OTHER) after = readOther(level, entries.key(entry), text, from, end, into, first);
      else {
        if (column >= 0) places[column] = from;
        if (column < 0 || column >= width) after = values.skip(bytes, end, from);
        else {
          after = values.readCode(text, end, from, column, into, first + column);
          columnsFound++;
        }
      }
      if (after < 0) return -1;
      if (after < end && bytes[after] === CLOSE) return after + 1;
    }
  };

  /** Reads the value of a key that is more than the name of a column. */
  const readOther = (
    level: KeyLevel,
    { column, inner, saying, isNoticed, isDotted }: JsonKey,
    text: ViewedText,
    from: number,
    end: number,
    into: Float32Array,
    first: number,
  ): number => {
    const { bytes } = text;
    let after = -1;
    if (isNoticed) hasNoticed = true;
    if (saying >= 0) {
      after = skipSaying(bytes, end, from, saying);
      if (after < 0) return -1;
    }
    // The name came before with an object, whose fields would stay.
    if (inner !== undefined && inner.record === record) return -1;
    if (inner !== undefined && bytes[from] === OPEN) {
      return column >= 0 ? -1 : readObject(inner, text, from, end, into, first);
    }
    if (column >= 0) {
      if (isDotted && isElsewhere(column, level)) return -1;
      soughtValues.places[column] = from;
      if (column < width) {
        columnsFound++;
        return values.readCode(text, end, from, column, into, first + column);
      }
    }
    return saying < 0 ? values.skip(bytes, end, from) : after;
  };

  /** Whether the record had the column already, at another level: a field with a dot in its name counts before one in an object. */
  const isElsewhere = (column: number, level: KeyLevel): boolean => {
    const isTwice = foundIn[column] === record && foundAt[column] !== level;
    foundIn[column] = record;
    foundAt[column] = level;
    return isTwice;
  };

  return {
    get columnsFound() {
      return columnsFound;
    },
    get hasNoticed() {
      return hasNoticed;
    },
    get metLineFeed() {
      return keys.metLineFeed || values.metLineFeed;
    },
    get keys() {
      return keys.forgets ? undefined : keysOf(outer);
    },
    readSought: (values) => soughtValues.read(values),
    hasSought: (place) => soughtValues.has(place),
    encodeText(bytes, start, end, into, first) {
      // Many records of one piece come one after the other.
      if (text.bytes !== bytes)
        text = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
      columnsFound = 0;
      hasNoticed = false;
      record = (record + 1) | 0;
      // One by one is faster than a call for so few.
      for (let place = first; place < first + width; place++) into[place] = Number.NaN;
      soughtValues.begin(bytes, end);
      return readObject(outer, text, start, end, into, first);
    },
  };
}
