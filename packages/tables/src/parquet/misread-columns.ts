import type { ThriftStruct } from "@oddflow/flow-sources";
import { SCHEMA } from "./footer.ts";
import { storedLeaves } from "./stored-columns.ts";
import { integerOr0 } from "./thrift-values.ts";

/** Numbers of fields within a column's logical type. Source: github.com/apache/parquet-format, parquet.thrift */
const LOGICAL = { decimal: 5, timestamp: 8 };
const DECIMAL_PRECISION = 2;
const TIMESTAMP = { isUtc: 1, unit: 2 };
const NANOSECONDS = 3;

/** A DECIMAL of more digits has no type in the database that reads files here. */
const MOST_DECIMAL_DIGITS = 38n;

/** The columns that hold decimals of more digits than can be read, by name. @throws Error for a schema that is none */
export function wideDecimals(footer: ThriftStruct): readonly string[] {
  return namesWhere(footer, (element) => {
    const logical = element.fields.get(SCHEMA.logicalType);
    const decimal = logical?.type === "struct" ? logical.fields.get(LOGICAL.decimal) : undefined;
    const precision = decimal?.type === "struct" ? integerOr0(decimal, DECIMAL_PRECISION) : 0n;
    return integerOr0(element, SCHEMA.precision) > MOST_DECIMAL_DIGITS || precision > MOST_DECIMAL_DIGITS;
  });
}

/** The columns that hold points of time in nanoseconds, which DuckDB reads as microseconds. @throws Error as `wideDecimals` */
export function nanosecondTimes(footer: ThriftStruct): readonly string[] {
  return namesWhere(footer, (element) => {
    const logical = element.fields.get(SCHEMA.logicalType);
    const time = logical?.type === "struct" ? logical.fields.get(LOGICAL.timestamp) : undefined;
    if (time?.type !== "struct") return false;
    const isUtc = time.fields.get(TIMESTAMP.isUtc);
    const unit = time.fields.get(TIMESTAMP.unit);
    return (
      isUtc?.type === "boolean" && isUtc.value && unit?.type === "struct" && unit.fields.has(NANOSECONDS)
    );
  });
}

function namesWhere(footer: ThriftStruct, holds: (element: ThriftStruct) => boolean): readonly string[] {
  return storedLeaves(footer)
    .filter(({ schema }) => schema.some(holds))
    .map(({ name }) => name);
}
