import { findHostColumns } from "@oddflow/flow-sources";
import { flowText } from "@oddflow/incidents";
import { cellText, type FlowColumn, type FlowColumns } from "../reading/index.ts";

/**
 * The columns that say whose a flow is, as `findHostColumns` lists them.
 * @param entity source, destination or pair
 * @returns undefined where no columns are known to hold addresses
 */
export function hostColumns(
  table: FlowColumns,
  entity: string,
): readonly (readonly FlowColumn[])[] | undefined {
  const lists = findHostColumns(
    table.columns.map(({ name }) => name),
    entity,
  );
  return lists?.map((names) =>
    names.flatMap((name) => table.columns.find((column) => column.name === name) ?? []),
  );
}

/** Gives a row's text without space around it, null where it is missing. A text that many rows share is looked at once. */
export function hostText(column: FlowColumn): (row: number) => string | null {
  const known = new Map<number, string | null>();
  return (row) => {
    const code = column.codes?.[row] ?? 0;
    let text = code === 0 ? undefined : known.get(code);
    if (text !== undefined) return text;
    text = flowText(cellText(column, row));
    if (code > 0) known.set(code, text);
    return text;
  };
}
