import { eventRulesOf, eventWords, findSensor, isFlowEvent, leftOutText } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { GatheredColumn } from "./column-builder.ts";
import type { FlowColumns } from "./flow-columns.ts";

/** Columns with the rows of flows alone. */
export interface FlowsOnly extends Pick<FlowColumns, "takenFor" | "leftOut"> {
  readonly rows: number;
  readonly columns: readonly GatheredColumn[];
}

/** Leaves out the records that are no flows, as `packages/tables` does: Suricata's other events, say. */
export function flowsOnly(columns: readonly GatheredColumn[], rows: number): FlowsOnly {
  const names = columns.map(({ name }) => name);
  const leftOut = new Map<string, number>();
  const keep = new Uint8Array(rows).fill(1);
  for (const rule of eventRulesOf(names)) {
    const { codes, others } = columns[names.indexOf(rule.field)] as GatheredColumn;
    const words = others.map((value) =>
      typeof value === "string" && !isFlowEvent(rule, value) ? eventWords(rule, value) : undefined,
    );
    for (let row = 0; row < rows; row++) {
      const what = words[(codes?.[row] ?? 0) - 1];
      if (what === undefined || keep[row] === 0) continue;
      keep[row] = 0;
      leftOut.set(what, (leftOut.get(what) ?? 0) + 1);
    }
  }
  if (leftOut.size === 0) return { rows, columns };
  const title = findSensor(names)?.title;
  const kept = columns.map((column) => keptRows(column, keep));
  return {
    rows: keep.reduce((sum, own) => sum + own, 0),
    columns: kept,
    ...(title === undefined ? {} : { takenFor: title }),
    leftOut,
  };
}

/** For a table without a flow. */
export function noFlow(name: string, leftOut: ReadonlyMap<string, number>): OddflowError {
  const events = leftOutText(leftOut, String);
  return new OddflowError(
    "TABLE_EMPTY",
    `open table: ${name} holds no ${events === "" ? "rows" : `flow, but ${events}`}; expected at least one flow`,
  );
}

function keptRows(column: GatheredColumn, keep: Uint8Array): GatheredColumn {
  const isKept = (_: number, row: number): boolean => keep[row] === 1;
  return {
    ...column,
    rows: keep.reduce((sum, own) => sum + own, 0),
    numbers: column.numbers?.filter(isKept),
    codes: column.codes?.filter(isKept),
  };
}
