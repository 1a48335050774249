import { batch } from "@preact/signals";
import type { TimeRange } from "../choosing/alarms.ts";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import type { Result } from "./result.ts";

/** Shows some flows in the list, and nothing else. */
export function showFlows(
  { filters, range, anomaliesOnly, view }: Result,
  chosen: {
    readonly filters: readonly ColumnFilter[];
    readonly range: TimeRange;
    readonly alarmsOnly: boolean;
  },
): void {
  batch(() => {
    filters.value = chosen.filters;
    range.value = chosen.range;
    anomaliesOnly.value = chosen.alarmsOnly;
    view.goesToList.value = true;
    view.name.value = "flows";
  });
}
