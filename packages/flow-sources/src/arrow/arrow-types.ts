import type { FlatTable } from "./flat-table.ts";

/** How texts and bytes are found: by offsets of 32 or 64 bits, or by a view each. */
export type Offsets = 32 | 64 | "view";

/** A type of Arrow's, as far as reading values goes. Source: github.com/apache/arrow, format/Schema.fbs */
export type ArrowType =
  | { readonly kind: "null" | "boolean" | "struct" | "run ends" }
  | { readonly kind: "integer"; readonly bits: number; readonly isSigned: boolean }
  | { readonly kind: "float"; readonly bits: number }
  | { readonly kind: "decimal"; readonly bits: number; readonly precision: number; readonly scale: number }
  | { readonly kind: "text"; readonly offsets: Offsets }
  | { readonly kind: "duration" }
  | { readonly kind: "date" | "timestamp"; readonly bits: 32 | 64; readonly perSecond: number }
  /** What can only be passed on, in words. */
  | { readonly kind: "other"; readonly words: string };

/** A type and what it is made of in a record batch. */
export interface StoredType {
  readonly type: ArrowType;
  /** How many buffers it has beside those of its children; for views those that all have. */
  readonly buffers: number;
  readonly hasViews?: true;
}

/** How many of each unit of time are a second. */
const UNITS: readonly number[] = [1, 1_000, 1_000_000, 1_000_000_000];
const DAYS_PER_SECOND = 1 / 86_400;

/** The number of a metadata version from which on unions have no buffer that says which values are missing. */
const V5 = 4;

/**
 * Reads a type out of a field's table. @param code of the member of the union of types
 * @returns undefined for a type that is not known
 */
export function readType(code: number, table: FlatTable, version: number): StoredType | undefined {
  switch (code) {
    case 1:
      return { type: { kind: "null" }, buffers: 0 };
    case 2:
      return { type: { kind: "integer", bits: table.int32(0), isSigned: table.uint8(1) !== 0 }, buffers: 2 };
    case 3:
      return { type: { kind: "float", bits: 16 << table.int16(0) }, buffers: 2 };
    case 5:
      return { type: { kind: "text", offsets: 32 }, buffers: 3 };
    case 6:
      return { type: { kind: "boolean" }, buffers: 2 };
    case 7: {
      const [precision, scale, bits] = [table.int32(0), table.int32(1), table.int32(2, 128)];
      return { type: { kind: "decimal", precision, scale, bits }, buffers: 2 };
    }
    case 8: {
      // Days, or milliseconds where nothing is said.
      const isDay = table.int16(0, 1) === 0;
      return {
        type: { kind: "date", bits: isDay ? 32 : 64, perSecond: isDay ? DAYS_PER_SECOND : 1_000 },
        buffers: 2,
      };
    }
    case 10:
      return {
        type: { kind: "timestamp", bits: 64, perSecond: UNITS[table.int16(0)] ?? 1 },
        buffers: 2,
      };
    case 13:
      return { type: { kind: "struct" }, buffers: 1 };
    case 18:
      return { type: { kind: "duration" }, buffers: 2 };
    case 20:
      return { type: { kind: "text", offsets: 64 }, buffers: 3 };
    case 22:
      // Of the writers of old metadata, one gives them a buffer, too.
      return { type: { kind: "run ends" }, buffers: version < V5 ? 1 : 0 };
    case 24:
      return { type: { kind: "text", offsets: "view" }, buffers: 2, hasViews: true };
    default:
      return otherType(code, table, version);
  }
}

/** What no model reads. */
function otherType(code: number, table: FlatTable, version: number): StoredType | undefined {
  const other = (words: string, buffers: number): StoredType => ({ type: { kind: "other", words }, buffers });
  switch (code) {
    case 4:
    case 19:
      return other("binary", 3);
    case 9:
      return other("a time of day", 2);
    case 11:
      return other("an interval", 2);
    case 12:
    case 17:
    case 21:
      return other(code === 17 ? "a map" : "a list", 2);
    case 14:
      return other("a union", (table.int16(0) === 0 ? 1 : 2) + (version < V5 ? 1 : 0));
    case 15:
      return other("binary of a fixed size", 2);
    case 16:
      return other("a list", 1);
    case 23:
      return { ...other("binary", 2), hasViews: true };
    case 25:
    case 26:
      return other("a list", 3);
    default:
      return undefined;
  }
}
