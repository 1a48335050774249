import type { ThriftStruct, ThriftValue } from "@oddflow/flow-sources";

/*
 * Making and taking apart Thrift values. Types of fields, by their codes in the compact protocol: 5 is a 32-bit integer, 6 one
 * of 64 bits, 8 bytes, 12 a struct.
 */

export function int32(value: number): ThriftValue {
  return { type: "integer", code: 5, value: BigInt(value) };
}

export function int64(value: number | bigint): ThriftValue {
  return { type: "integer", code: 6, value: BigInt(value) };
}

export function binary(value: string | Uint8Array): ThriftValue {
  return { type: "binary", value: typeof value === "string" ? new TextEncoder().encode(value) : value };
}

export function structs(items: readonly ThriftValue[]): ThriftValue {
  return { type: "list", code: 12, items };
}

/** A struct of fields by their numbers, which come in rising order; those that are undefined are left out. */
export function struct(fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftStruct {
  const present = Object.entries(fields).flatMap(([id, value]) =>
    value === undefined ? [] : [[Number(id), value] as const],
  );
  return { type: "struct", fields: new Map(present) };
}

/** A struct that is looked into more than once, taken out of its bytes at once. */
export function takenOut({ fields }: ThriftStruct): ThriftStruct {
  return { type: "struct", fields };
}

export function withField({ fields }: ThriftStruct, id: number, value: ThriftValue): ThriftStruct {
  return { type: "struct", fields: new Map(fields).set(id, value) };
}

export function withoutFields({ fields }: ThriftStruct, ids: readonly number[]): ThriftStruct {
  return { type: "struct", fields: new Map([...fields].filter(([id]) => !ids.includes(id))) };
}

/** @throws Error where there is no integer */
export function integerField({ fields }: ThriftStruct, id: number): bigint {
  const field = fields.get(id);
  if (field?.type !== "integer") throw new Error(`read Parquet footer: there is no number in field ${id}`);
  return field.value;
}

/** An integer that need not be there; 0 where it is not. */
export function integerOr0({ fields }: ThriftStruct, id: number): bigint {
  const field = fields.get(id);
  return field?.type === "integer" ? field.value : 0n;
}

/** @throws Error where there is no text */
export function textField({ fields }: ThriftStruct, id: number): string {
  const field = fields.get(id);
  if (field?.type !== "binary") throw new Error(`read Parquet footer: there is no text in field ${id}`);
  return new TextDecoder().decode(field.value);
}

/** @throws Error where there is no list of structs */
export function structsField({ fields }: ThriftStruct, id: number): readonly ThriftStruct[] {
  const field = fields.get(id);
  if (field?.type !== "list") throw new Error(`read Parquet footer: there is no list in field ${id}`);
  return field.items.map(asStruct);
}

/** @throws Error where it is no struct */
export function asStruct(value: ThriftValue | undefined): ThriftStruct {
  if (value?.type !== "struct")
    throw new Error(`read Parquet footer: there is ${value?.type ?? "nothing"} for a struct`);
  return value;
}
