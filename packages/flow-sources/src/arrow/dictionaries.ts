import type { ColumnCoding, ValueEncoder } from "@oddflow/preprocessing";
import { smallIntegers, type ValueReader, valueReader } from "./array-values.ts";
import { ArrowFault, type ArrowField, type ArrowSchema, MESSAGE } from "./arrow-schema.ts";
import { FlatTable } from "./flat-table.ts";
import { type ArrowArray, readBatch } from "./record-batch.ts";

const DICTIONARY = { id: 0, batch: 1, isDelta: 2 } as const;

/** The values of one dictionary: of several batches where some were added later. */
export class ArrowDictionary {
  readonly #parts: readonly { readonly from: number; readonly value: ValueReader }[];
  readonly length: number;
  readonly #codes = new Map<ColumnCoding, (number | undefined)[]>();
  readonly #values: unknown[] = [];

  constructor(parts: readonly ArrowArray[], dictionaries: ArrowDictionaries) {
    let from = 0;
    this.#parts = parts.map((part) => {
      const value = valueReader(part, dictionaries);
      if (value === undefined)
        throw new ArrowFault(`the dictionary of column "${part.field.name}" holds no values`);
      const own = { from, value };
      from += part.length;
      return own;
    });
    this.length = from;
  }

  value(place: number): unknown {
    let value = this.#values[place];
    if (value !== undefined) return value;
    const part = this.#parts.findLast(({ from }) => place >= from);
    if (part === undefined || !(place < this.length)) {
      throw new ArrowFault("it is damaged: a value is not in its dictionary");
    }
    value = part.value(place - part.from);
    this.#values[place] = value;
    return value;
  }

  /** The codes of its values, as far as they have been asked for. */
  codes(coding: ColumnCoding, encode: ValueEncoder): (place: number) => ReturnType<ValueEncoder> {
    const known = this.#codes.get(coding) ?? [];
    this.#codes.set(coding, known);
    return (place) => {
      const met = known[place];
      if (met !== undefined) return met;
      const code = encode(this.value(place));
      if (typeof code === "number") known[place] = code;
      return code;
    };
  }
}

/** The dictionaries of a stream, as they are at a place of it. */
export class ArrowDictionaries {
  /** What values they hold, by their numbers. */
  readonly #fields = new Map<number, ArrowField>();
  readonly #parts = new Map<number, readonly ArrowArray[]>();
  readonly #read = new Map<number, ArrowDictionary>();

  constructor({ fields }: ArrowSchema) {
    const add = (field: ArrowField): void => {
      if (field.dictionary !== undefined) this.#fields.set(field.dictionary.id, field);
      field.children.forEach(add);
    };
    fields.forEach(add);
  }

  /** Takes a message with a dictionary, or more of one. @returns its number @throws ArrowFault, RangeError */
  add(metadata: Uint8Array, body: Uint8Array): number {
    const message = FlatTable.root(metadata);
    const table = message.table(MESSAGE.header);
    const batch = table?.table(DICTIONARY.batch);
    if (table === undefined || batch === undefined)
      throw new ArrowFault("it is damaged: a dictionary is empty");
    const id = table.int64(DICTIONARY.id);
    const field = this.#fields.get(id);
    if (field === undefined) throw new ArrowFault("it is damaged: a dictionary is no column's");
    const values = { ...field, dictionary: undefined };
    const { columns } = readBatch([values], batch, message, body);
    const before = table.uint8(DICTIONARY.isDelta) === 0 ? [] : (this.#parts.get(id) ?? []);
    this.#parts.set(id, [...before, ...columns]);
    this.#read.clear();
    return id;
  }

  /** Where each row's value stands, and in which dictionary. @throws ArrowFault */
  placesOf(array: ArrowArray): {
    readonly place: (row: number) => number;
    readonly dictionary: ArrowDictionary;
  } {
    const use = array.field.dictionary;
    if (use === undefined) throw new Error("a column without a dictionary");
    return { place: places(array, use), dictionary: this.#dictionary(use.id) };
  }

  #dictionary(id: number): ArrowDictionary {
    const parts = this.#parts.get(id);
    if (parts === undefined)
      throw new ArrowFault("it is damaged: a dictionary comes after the batch that it is for");
    const dictionary = this.#read.get(id) ?? new ArrowDictionary(parts, this);
    this.#read.set(id, dictionary);
    return dictionary;
  }
}

function places(
  array: ArrowArray,
  { bits, isSigned }: { readonly bits: number; readonly isSigned: boolean },
): (row: number) => number {
  if (bits < 64) {
    const numbers = smallIntegers(array, bits, isSigned);
    return (row) => numbers[row] as number;
  }
  const { buffers, firstBuffer, length } = array;
  const numbers = buffers.numbers(BigInt64Array, firstBuffer + 1, length);
  return (row) => Number(numbers[row]);
}
