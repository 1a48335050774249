import type { TableColumn } from "../columns.ts";
import { isLabelName, typeName } from "./name-words.ts";
import { decide, type RoleDecision } from "./roles.ts";

/** An integer column with fewer distinct values than this is a category. */
const CATEGORY_LIMIT = 20;

const LEFT_OUT: readonly string[] = [
  "id",
  "ip",
  "addr",
  "port",
  "time",
  "src",
  "dst",
  "source",
  "dest",
  "destination",
];

/**
 * The rule of the reference notebook: a column is left out when its lower-case name contains id, ip, addr, port, time,
 * src, dst, source, dest or destination anywhere; text columns and integer columns of fewer than 20 distinct values are
 * categories; all else are numbers.
 */
export function referenceRoles(columns: readonly TableColumn[]): RoleDecision[] {
  return columns.map((column) => {
    const name = column.name.toLowerCase();
    if (isLabelName(column.name)) return decide(column, "label", "its name says that it is a label");
    const word = LEFT_OUT.find((text) => name.includes(text));
    if (word !== undefined) return decide(column, "identifier", `its name contains "${word}"`);
    if (column.type === "time" || column.type === "other") {
      return decide(column, "identifier", `a ${typeName(column.type)} column is no feature`);
    }
    if (column.type === "text") return decide(column, "category", "text");
    if (column.type === "boolean") return decide(column, "category", "true or false");
    if (column.type === "integer" && (column.distinct ?? Infinity) < CATEGORY_LIMIT) {
      return decide(column, "category", `an integer of ${column.distinct} distinct values`);
    }
    return decide(column, "number", "numeric");
  });
}
