import { OddflowError, timeSpan } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";
import { rate } from "./progress.ts";

const DAY = 86_400;

/** How many flows come in a time, by a table's own times. */
export interface TableRate {
  readonly flowsASecond: number;
  /** Where from, in words. */
  readonly text: string;
}

/** What a rate is for, for messages. */
export interface RateUse {
  readonly option: string;
  /** What else can be done where there is none, as the end of a sentence. */
  readonly otherwise?: string;
}

/**
 * The rate of a table's flows; times that cannot be are left out (`timeSpan`).
 * @param timeColumn undefined for the one that is found by its name
 * @throws OddflowError USAGE when there is no time column, or no time passes in it; COLUMN_TYPE when the column holds something else.
 */
export async function tableRate(
  table: FlowTable,
  timeColumn: string | undefined,
  use: RateUse,
): Promise<TableRate> {
  const name = timeColumn ?? (await timeColumnOf(table, use));
  const { option, otherwise = "" } = use;
  const span = timeSpan(await table.times(name));
  const seconds = span === undefined ? 0 : span.last - span.first;
  if (span === undefined || !(seconds > 0)) {
    throw new OddflowError(
      "USAGE",
      `${option}: no time passes in column "${name}"; name another column with --time${otherwise}`,
    );
  }
  const flowsASecond = table.rows / seconds;
  const strays =
    span.strays === 0
      ? ""
      : `; ${rate(span.strays)} ${span.strays === 1 ? "flow has a time" : "flows have times"} far from these, which do not count`;
  return {
    flowsASecond,
    text:
      `${rate(flowsASecond * DAY)} flows a day by ${name}, from ${timeText(span.first)} to ` +
      `${timeText(span.last)}${strays}`,
  };
}

async function timeColumnOf(table: FlowTable, { option, otherwise = "" }: RateUse): Promise<string> {
  const found = await table.timeColumn();
  if (found === undefined) {
    throw new OddflowError(
      "USAGE",
      `${option}: ${table.paths[0]} has no column that is known to hold times; name it with --time COLUMN${otherwise}`,
    );
  }
  return found;
}

/** A time in seconds since 1970 as people write it; the number itself where no calendar has it. */
function timeText(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `${seconds} s` : `${time.toISOString().slice(0, 19)}Z`;
}
