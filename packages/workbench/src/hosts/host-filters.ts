import type { ColumnFilter } from "../choosing/column-filter.ts";
import type { FlowColumns } from "../reading/index.ts";
import { hostColumns, hostText } from "./host-columns.ts";

/** What chooses the flows of the host that a row is of. @param entity source, destination or pair */
export function hostFilters(table: FlowColumns, entity: string, row: number): readonly ColumnFilter[] {
  return (hostColumns(table, entity) ?? []).flatMap((columns) => {
    for (const column of columns) {
      const value = hostText(column)(row);
      if (value !== null) return [{ column: column.name, operator: "is", value }];
    }
    return [];
  });
}
