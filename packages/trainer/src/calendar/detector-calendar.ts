import { type ScoreCalendar, scoreAtHour } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import { hourColumn, type PreprocessingSpec } from "@oddflow/preprocessing";
import { fitCalendar } from "./fit-calendar.ts";
import type { HourlyScores } from "./weeks-of-scores.ts";

/** So many calendars are fitted, each without a share of the flows, to see what scores become of flows that were not there. */
const FOLDS = 5;

/** A calendar, and the scores of the flows that it was fitted to. */
export interface FittedCalendar {
  readonly calendar: ScoreCalendar;
  /** Held against a calendar that was fitted to the others: what a budget's threshold can be made of. */
  readonly scores: Float32Array;
}

/**
 * What a detector's scores are at each hour of the week; undefined where its spec has no hour, or scores have no tail.
 * @param model a model file whose scores are held against no hour yet
 * @param flows held back in training, in no order, row-major `[rows, columns]`, coded by the spec
 * @param times seconds since 1970, one a flow
 */
export async function fitDetectorCalendar(
  model: Uint8Array,
  spec: PreprocessingSpec,
  flows: Float32Array,
  times: Float64Array,
): Promise<FittedCalendar | undefined> {
  const hour = hourColumn(spec);
  if (hour === undefined) return undefined;
  const width = spec.columns.length;
  const scorer = await createScorer(model, { provider: "cpu" });
  try {
    const { scores } = await scorer.score(flows);
    const hours = Float32Array.from(scores, (_, row) => flows[row * width + hour] as number);
    const calendar = fitCalendar({ scores, hours, times });
    return calendar && { calendar, scores: crossFitted({ scores, hours, times }, calendar) };
  } finally {
    await scorer.close();
  }
}

/** @param whole is taken where the others' scores have no tail */
function crossFitted({ scores, hours, times }: HourlyScores, whole: ScoreCalendar): Float32Array {
  const found = new Float32Array(scores.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const isOther = (_: number, row: number): boolean => row % FOLDS !== fold;
    const others = {
      scores: scores.filter(isOther),
      hours: hours.filter(isOther),
      times: times.filter(isOther),
    };
    const calendar = fitCalendar(others) ?? whole;
    for (let row = fold; row < scores.length; row += FOLDS)
      found[row] = scoreAtHour(calendar, scores[row] as number, hours[row] as number);
  }
  return found;
}
