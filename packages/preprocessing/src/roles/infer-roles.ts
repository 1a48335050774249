import type { TableColumn } from "../columns.ts";
import { isLabelName, type NamedValues, readName, typeName } from "./name-words.ts";
import { decide, type RoleDecision } from "./roles.ts";

/** A text column with more distinct values than this names things rather than kinds of things. */
const MOST_CATEGORIES = 256;

/** Why a column of text is left out that is no category; its values may tell another reason. */
export const TOO_MANY_TEXTS: string = `text with more than ${MOST_CATEGORIES} distinct values`;

/**
 * For a schema that no table describes: whole words of the name, then the type and the number of distinct values. A code is a
 * category whether it is stored as an integer or not, and so is one that is parted by a point (`L7_PROTO` 7.126): where its
 * name ends with a code's word, however many it has; where such a word stands elsewhere, only few whole ones.
 */
export function inferRoles(columns: readonly TableColumn[]): RoleDecision[] {
  return columns.map((column) => {
    const { name, type, distinct } = column;
    if (isLabelName(name)) return decide(column, "label", "its name says that it is a label");
    if (type === "time" || type === "other") {
      return decide(column, "identifier", `a ${typeName(type)} column is no feature`);
    }
    const holds = heldValues(column);
    const words = readName(name, holds);
    if (words.isServicePort && distinct !== 0) return decide(column, "category", "a service's port");
    if (words.identifierWord !== undefined) {
      return decide(column, "identifier", `its name has the word "${words.identifierWord}"`);
    }
    if (words.isRun && holds !== "fractions") {
      return decide(column, "identifier", "its name says that it names a file or a run");
    }
    if (distinct === 0) return decide(column, "identifier", "it holds no value");
    if (type === "boolean") return decide(column, "category", "true or false");
    if (type === "text") {
      return (distinct ?? 0) > MOST_CATEGORIES
        ? decide(column, "identifier", TOO_MANY_TEXTS)
        : decide(column, "category", "text");
    }
    const isFewWhole = holds === "whole numbers" && (distinct ?? Infinity) <= MOST_CATEGORIES;
    if (words.codeWord !== undefined && (words.isCode || isFewWhole)) {
      return decide(column, "category", `a code whose name has the word "${words.codeWord}"`);
    }
    return decide(column, "number", "numeric");
  });
}

function heldValues({ type, hasFractions }: TableColumn): NamedValues {
  if (type !== "integer" && type !== "number") return "text";
  return hasFractions ? "fractions" : "whole numbers";
}
