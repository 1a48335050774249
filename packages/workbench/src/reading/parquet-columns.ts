import { type FileMetaData, parquetSchema, type SchemaTree } from "hyparquet";
import { ColumnBuilder } from "./column-builder.ts";

/** A column of a Parquet file, and the columns of the table that come of it: itself, or a struct's fields. */
export interface ParquetColumn {
  readonly name: string;
  readonly builders: readonly ColumnBuilder[];
  /** For each of these the names that lead to its field; none where the value is no struct. */
  readonly paths: readonly (readonly string[])[];
}

/**
 * The columns of a file. The fields of structs are columns, with the struct's name and a dot before their own, as those of
 * objects in JSON are; a column that has a dot in its own name counts before a field.
 * @throws Error where two columns share a name: the library tells columns by it
 */
export function storedColumns(metadata: FileMetaData): readonly ParquetColumn[] {
  const seen = new Set<string>();
  const { children } = parquetSchema(metadata);
  for (const { element } of children) {
    if (seen.has(element.name)) throw new Error(`it has two columns "${element.name}"`);
    seen.add(element.name);
  }
  const taken = new Set(children.filter((tree) => !isStruct(tree)).map(({ element }) => element.name));
  return children.map((tree) => {
    const { name } = tree.element;
    const leaves = isStruct(tree)
      ? leavesOf(tree, [])
          .toSorted((a, b) => a.path.length - b.path.length)
          .filter(({ path }) => isFirst(taken, [name, ...path].join(".")))
      : [{ path: [], isFloat32: tree.element.type === "FLOAT" }];
    return {
      name,
      builders: leaves.map(({ path, isFloat32 }) => new ColumnBuilder([name, ...path].join("."), isFloat32)),
      paths: leaves.map(({ path }) => path),
    };
  });
}

/** Appends a column's next values, as the library gives them. */
export function appendValues({ builders, paths }: ParquetColumn, values: ArrayLike<unknown>): void {
  for (const [index, builder] of builders.entries()) {
    const path = paths[index] as readonly string[];
    if (values instanceof Float32Array || values instanceof Float64Array || values instanceof Int32Array) {
      builder.appendNumbers(values);
    } else
      for (let row = 0; row < values.length; row++) builder.append(plainValue(fieldOf(values[row], path)));
  }
}

function isFirst(taken: Set<string>, name: string): boolean {
  if (taken.has(name)) return false;
  taken.add(name);
  return true;
}

/** A list and a map are groups, too. */
function isStruct({ children, element }: SchemaTree): boolean {
  const { converted_type: type, logical_type: logical, repetition_type: repetition } = element;
  return children.length > 0 && type === undefined && logical === undefined && repetition !== "REPEATED";
}

function leavesOf(
  tree: SchemaTree,
  outer: readonly string[],
): readonly { readonly path: readonly string[]; readonly isFloat32: boolean }[] {
  return tree.children.flatMap((child) => {
    const path = [...outer, child.element.name];
    return isStruct(child) ? leavesOf(child, path) : [{ path, isFloat32: child.element.type === "FLOAT" }];
  });
}

/** A field of a struct's value; null where the struct is null, or one around the field. */
function fieldOf(value: unknown, path: readonly string[]): unknown {
  let field = value;
  for (const name of path) {
    if (typeof field !== "object" || field === null) return null;
    field = (field as Readonly<Record<string, unknown>>)[name];
  }
  return field;
}

/** Bytes are shown as hexadecimal digits. */
function plainValue(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
