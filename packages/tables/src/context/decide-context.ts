import { findContext } from "@oddflow/flow-sources";
import { type ContextSpec, checkNames, OddflowError } from "@oddflow/preprocessing";
import { checkColumns } from "../check-columns.ts";
import { tableName } from "../find-columns.ts";
import { type FlowTable, openTableOf } from "../flow-table.ts";
import { spansWeeks } from "./spans-weeks.ts";

/** The context that a table's flows have; or why they have none, in words. */
export type ContextDecision = { readonly spec: ContextSpec } | { readonly none: string };

export interface ContextRequest {
  /** The column that keeps networks apart, where there is one. */
  readonly network?: string | undefined;
  /** Whether scores may be held against what is usual at their hour of the week: they are where flows span two weeks. */
  readonly calendar?: boolean;
}

/** Seconds: times that are all whole multiples of it do not tell what came shortly before a flow. */
const TOO_COARSE = 3600;

/**
 * Decides from which columns of a table the context of its flows is counted. Amounts that are no numbers are left out of it.
 * @throws OddflowError COLUMNS_MISSING when the table lacks that column; what the table throws.
 */
export async function decideContext(
  table: FlowTable,
  { network, calendar = false }: ContextRequest = {},
): Promise<ContextDecision> {
  const names = table.columns.map(({ name }) => name);
  if (network !== undefined) checkNames(tableName(openTableOf(table).files), names, [network]);
  const found = findContext(names, await table.timeColumn(), network);
  if (found === "addresses")
    return { none: "no columns are known to hold the addresses of sources and destinations" };
  if (found === "times") return { none: "no column is known to hold times" };
  const times = await readable(() => table.times(found.time));
  if (times === undefined) return { none: `column "${found.time}" holds values that are no times` };
  if (times.every((time) => Number.isNaN(time) || time % TOO_COARSE === 0)) {
    return { none: `the times of column "${found.time}" are to the hour, or coarser` };
  }
  const spec = await withReadableAmounts(table, found);
  return { spec: calendar && spansWeeks(times) ? { ...spec, calendar: true } : spec };
}

async function withReadableAmounts(table: FlowTable, spec: ContextSpec): Promise<ContextSpec> {
  const areNumbers = async (names: readonly string[]): Promise<boolean> => {
    const codings = names.map((name) => ({ kind: "number", name }) as const);
    return (await readable(async () => checkColumns(table, codings).then(() => true))) ?? false;
  };
  const { failed, bytes, packets, ...rest } = spec;
  const isFailureRead = failed === undefined || "column" in failed || (await areNumbers([failed.unanswered]));
  return {
    ...rest,
    bytes: (await areNumbers(bytes)) ? bytes : [],
    packets: (await areNumbers(packets)) ? packets : [],
    ...(isFailureRead && failed !== undefined ? { failed } : {}),
  };
}

/** What is read; undefined where values are not what their columns should hold. */
async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OddflowError && error.code === "COLUMN_TYPE") return undefined;
    throw error;
  }
}
