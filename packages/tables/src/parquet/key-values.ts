import type { ThriftStruct, ThriftValue } from "@oddflow/flow-sources";
import { type ArrowColumn, areSameFields, extendArrowSchema } from "./arrow-schema.ts";
import { FILE } from "./footer.ts";
import { storedLeaves } from "./stored-columns.ts";
import { binary, struct, structs, structsField, textField } from "./thrift-values.ts";

/*
 * A Parquet file's free metadata. Some of it describes the columns once more, for readers that go by it: that is brought up to
 * what the columns are now. All else stays as it is.
 */

const KEY = 1;
const VALUE = 2;

/** Where a reader of this key finds the columns that it shows: those it does not name, it hides or calls a contradiction. */
const SCHEMAS: Readonly<Record<string, (value: string, change: Change) => string | undefined>> = {
  "ARROW:schema": (value, { columns, kept, added }) => extendArrowSchema(value, columns.length, kept, added),
  pandas: extendPandas,
  "org.apache.spark.sql.parquet.row.metadata": extendSpark,
};

interface Change {
  /** The file's columns. */
  readonly columns: readonly string[];
  /** The places of those that stay. */
  readonly kept: readonly number[];
  readonly added: readonly ArrowColumn[];
}

/**
 * The metadata of a file of some of the columns of files, and of added ones. An entry stays where all files have it alike;
 * what describes the columns, which are alike, is the first file's (pandas adds how many rows each file has).
 * @param kept names of the columns that stay
 */
export function keptKeyValues(
  footers: readonly ThriftStruct[],
  kept: readonly string[],
  added: readonly ArrowColumn[],
): ThriftValue | undefined {
  const [first, ...others] = footers;
  if (first === undefined) return undefined;
  const columns = storedLeaves(first).map(({ name }) => name);
  const change = { columns, kept: kept.map((name) => columns.indexOf(name)), added };
  const same = others.map(entriesOf);
  const entries = [...entriesOf(first)]
    .filter(([key, value]) => same.every((own) => isSame(key, value, own.get(key))))
    .flatMap(([key, value]) => {
      const extend = Object.hasOwn(SCHEMAS, key) ? SCHEMAS[key] : undefined;
      const now = extend ? extend(value, change) : value;
      return now === undefined ? [] : [struct({ [KEY]: binary(key), [VALUE]: binary(now) })];
    });
  return entries.length > 0 ? structs(entries) : undefined;
}

function isSame(key: string, value: string, other: string | undefined): boolean {
  if (other === undefined || other === value) return other === value;
  return key === "pandas" || (key === "ARROW:schema" && areSameFields(value, other));
}

function entriesOf(footer: ThriftStruct): ReadonlyMap<string, string> {
  if (!footer.fields.has(FILE.keyValues)) return new Map();
  return new Map(
    structsField(footer, FILE.keyValues).map((entry) => [
      textField(entry, KEY),
      entry.fields.has(VALUE) ? textField(entry, VALUE) : "",
    ]),
  );
}

/** What pandas calls the columns' types, and which of them are its index. */
function extendPandas(value: string, { columns, kept, added }: Change): string | undefined {
  const metadata = parseObject(value);
  if (metadata === undefined || !Array.isArray(metadata["columns"])) return undefined;
  const names = new Set(kept.map((place) => columns[place]));
  const types = { float: "float32", boolean: "bool", text: "object", texts: "object" };
  const kinds = { float: "float32", boolean: "bool", text: "unicode", texts: "list[unicode]" };
  const own = (metadata["columns"] as unknown[]).filter((column) => {
    const name = parseName(column);
    return name === undefined || names.has(name);
  });
  const index = metadata["index_columns"];
  return JSON.stringify({
    ...metadata,
    ...(Array.isArray(index)
      ? { index_columns: index.filter((entry) => typeof entry !== "string" || names.has(entry)) }
      : {}),
    columns: [
      ...own,
      ...added.map(({ name, type }) => ({
        name,
        field_name: name,
        pandas_type: kinds[type],
        numpy_type: types[type],
        metadata: null,
      })),
    ],
  });
}

/** Spark reads a file by this schema. */
function extendSpark(value: string, { columns, kept, added }: Change): string | undefined {
  const schema = parseObject(value);
  if (schema === undefined || !Array.isArray(schema["fields"])) return undefined;
  const names = new Set(kept.map((place) => columns[place]));
  const types = {
    float: "float",
    boolean: "boolean",
    text: "string",
    texts: { type: "array", elementType: "string", containsNull: true },
  };
  return JSON.stringify({
    ...schema,
    fields: [
      ...(schema["fields"] as unknown[]).filter((field) => names.has(parseName(field))),
      ...added.map(({ name, type }) => ({ name, type: types[type], nullable: true, metadata: {} })),
    ],
  });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The name of a column's description: pandas gives `field_name` too, which is what the file calls it. */
function parseName(column: unknown): string | undefined {
  const found: Record<string, unknown> = typeof column === "object" && column !== null ? { ...column } : {};
  const name = found["field_name"] ?? found["name"];
  return typeof name === "string" ? name : undefined;
}
