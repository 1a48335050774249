import { OddflowError } from "@oddflow/preprocessing";
import { isUnchanged, type RowGroupSpan, type SurveyedFile } from "@oddflow/tables";
import type { ShardPlan } from "./shard-plan.ts";

/** What a run of a shard opens of a lake: some of its files, in its order. */
export interface ShardFiles {
  readonly files: readonly SurveyedFile[];
  /** The shard's, by the places of these files. */
  readonly spans: readonly RowGroupSpan[];
}

/**
 * The files that a shard is in; with them one file of each form that the lake's files have, which all types of its columns come of;
 * and, where context is counted, those with flows in the longest window before the shard's.
 * @param longestWindow seconds; undefined where no context is counted
 */
export function shardFiles(
  { files, unitsPerSecond }: Pick<ShardPlan, "files" | "unitsPerSecond">,
  spans: readonly RowGroupSpan[],
  longestWindow: number | undefined,
): ShardFiles {
  const wanted = new Set(spans.map(({ file }) => file));
  if (longestWindow !== undefined) {
    const own = [...wanted].flatMap((file) => files[file]?.times ?? []);
    // One second more leaves no room for rounding.
    const from = least(own) - (longestWindow + 1) * unitsPerSecond;
    const until = -least(own.map((time) => -time)) + unitsPerSecond;
    for (const [file, { times }] of files.entries()) {
      if (times !== undefined && times[1] >= from && times[0] <= until) wanted.add(file);
    }
  }
  const forms = new Set<number>();
  for (const [file, { form }] of files.entries()) {
    if (!forms.has(form)) wanted.add(file);
    forms.add(form);
  }
  const places = [...wanted].sort((a, b) => a - b);
  const placeOf = new Map(places.map((file, place) => [file, place]));
  return {
    files: places.map((file) => files[file] as SurveyedFile),
    spans: spans.map((span) => ({ ...span, file: placeOf.get(span.file) as number })),
  };
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), Number.POSITIVE_INFINITY);
}

/** @throws OddflowError TABLE_UNREADABLE for a file that is no longer as it was when the plan was made */
export function checkPlannedFiles(files: readonly SurveyedFile[]): void {
  for (const file of files) {
    const same = isUnchanged(file);
    if (same === true) continue;
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `shard run: ${file.path} was ${same === undefined ? "removed, or is not seen from here," : "changed"} since the plan was made; ` +
        `${same === undefined ? "run it in the folder where it was planned, or plan again" : "plan again"}`,
    );
  }
}
