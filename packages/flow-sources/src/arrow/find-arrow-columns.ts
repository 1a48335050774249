import { type ColumnCoding, checkNames, OddflowError } from "@oddflow/preprocessing";
import type { ArrowLeaf } from "./array-codes.ts";
import type { ArrowField, ArrowSchema } from "./arrow-schema.ts";
import type { ArrowArray, ArrowBatch } from "./record-batch.ts";

/** A column of a stream, or a field of one of structs. */
export interface FoundArrowColumn {
  /** Of a field, with the struct's name and a dot before its own. */
  readonly name: string;
  readonly field: ArrowField;
  /** The column's place, and those of the fields in it. */
  readonly path: readonly number[];
}

/** What a column is read for. */
export interface ArrowNeed {
  readonly name: string;
  readonly expected: "a number" | "a text or a number" | "a time";
}

/** What is needed to encode by a coding. */
export function needOf({ name, kind, ...coding }: ColumnCoding): ArrowNeed {
  const isNumber = kind === "number" || ("valueType" in coding && coding.valueType === "number");
  return { name, expected: isNumber ? "a number" : "a text or a number" };
}

/**
 * The columns that are needed, in the order of the needs.
 * @param source as messages name it
 * @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE
 */
export function findArrowColumns(
  schema: ArrowSchema,
  needs: readonly ArrowNeed[],
  source: string,
): readonly FoundArrowColumn[] {
  const columns = arrowColumns(schema);
  checkNames(
    source,
    columns.map(({ name }) => name),
    needs.map(({ name }) => name),
  );
  return needs.map((need) => {
    // Of columns of one name the first is read, and the check has found one.
    const column = columns.find(({ name }) => name === need.name) as FoundArrowColumn;
    const words = unreadable(column.field, need.expected);
    if (words === undefined) return column;
    throw new OddflowError(
      "COLUMN_TYPE",
      `read table: column "${need.name}" of ${source} is ${words}, ${need.expected} is expected; leave the column out or convert it first`,
    );
  });
}

/** The values of a column in a batch. */
export function leafOf({ columns }: ArrowBatch, { path }: FoundArrowColumn): ArrowLeaf {
  const [first = 0, ...inner] = path;
  let array = columns[first] as ArrowArray;
  const outer: ArrowArray[] = [];
  for (const place of inner) {
    outer.push(array);
    array = array.children[place] as ArrowArray;
  }
  return { array, outer };
}

/** All columns, with the fields of structs in the place of these. A column with a dot in its own name counts before a field. */
export function arrowColumns({ fields }: ArrowSchema): readonly FoundArrowColumn[] {
  const columns: FoundArrowColumn[] = [];
  const unfold = (name: string, field: ArrowField, path: readonly number[]): void => {
    if (!isStruct(field)) {
      columns.push({ name, field, path });
      return;
    }
    for (const [place, child] of field.children.entries()) {
      unfold(`${name}.${child.name}`, child, [...path, place]);
    }
  };
  for (const [place, field] of fields.entries()) unfold(field.name, field, [place]);
  return columns.toSorted((a, b) => a.path.length - b.path.length);
}

function isStruct({ type, dictionary }: ArrowField): boolean {
  return type.kind === "struct" && dictionary === undefined;
}

/** What a field is, in words, where it cannot be read as what is expected. */
function unreadable({ type, children }: ArrowField, expected: ArrowNeed["expected"]): string | undefined {
  switch (type.kind) {
    case "other":
      return type.words;
    case "struct":
      return "a struct";
    case "date":
    case "timestamp":
      return expected === "a time" ? undefined : "a point of time";
    case "run ends": {
      const [, values] = children;
      return values === undefined ? "runs of nothing" : unreadable(values, expected);
    }
    default:
      return undefined;
  }
}
