import { findHostColumns } from "@oddflow/flow-sources";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import { cellText, type FlowColumn, type FlowColumns } from "../reading/index.ts";

/** What chooses the flows of the host that a row is of. @param entity source, destination or pair */
export function hostFilters(table: FlowColumns, entity: string, row: number): readonly ColumnFilter[] {
  const lists = findHostColumns(
    table.columns.map(({ name }) => name),
    entity,
  );
  return (lists ?? []).flatMap((names) => {
    const columns = names.map((name) => table.columns.find((own) => own.name === name) as FlowColumn);
    const column = columns.find((own) => cellText(own, row).trim() !== "");
    if (column === undefined) return [];
    return [{ column: column.name, operator: "is", value: cellText(column, row) } as const];
  });
}
