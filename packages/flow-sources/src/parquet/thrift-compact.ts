/*
 * Thrift's compact protocol, as far as a Parquet footer needs it, without a schema: what is read can be changed and
 * written again, fields that nobody here knows included.
 * Source: github.com/apache/thrift, doc/specs/thrift-compact-protocol.md
 */

/** A value of Thrift's compact protocol, of the types that Parquet's footers are made of. */
export type ThriftValue =
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "byte"; readonly value: number }
  | { readonly type: "integer"; readonly code: 4 | 5 | 6; readonly value: bigint }
  | { readonly type: "double" | "binary"; readonly value: Uint8Array }
  | { readonly type: "list"; readonly code: number; readonly items: readonly ThriftValue[] }
  | ThriftStruct;

/** A struct of Thrift's compact protocol. */
export interface ThriftStruct {
  readonly type: "struct";
  /**
   * Fields by their numbers, in the order in which they were written. Those of a struct within another one that was read
   * are taken out of its bytes each time they are asked for: a large table's footer holds a hundred thousand values, and
   * few are looked at.
   */
  readonly fields: ReadonlyMap<number, ThriftValue>;
  /** What it takes in the protocol, where that is known. */
  readonly bytes?: Uint8Array;
}

/** The protocol's numbers of types. In a struct a boolean's value is its type. */
export const THRIFT_CODE = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
} as const;
