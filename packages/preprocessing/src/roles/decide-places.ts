import { readName } from "./name-words.ts";
import { DISTINCT_CAP, type RoleDraft } from "./role-draft.ts";
import { FLOW_FIELD_WORDS, nameRuns } from "./run-names.ts";
import { areTimes, countsRows } from "./value-rules.ts";

/* Columns that say when, in which row or in which file a flow is, not how it behaved. */

export async function decideTimes(draft: RoleDraft): Promise<void> {
  const numbers = draft.features(({ type }) => type === "integer" || type === "number");
  const ranges = await draft.values.numberRanges(numbers);
  for (const [index, name] of numbers.entries()) {
    const range = ranges[index];
    if (range !== undefined && areTimes(range)) {
      draft.decide(name, "identifier", "its numbers are times since 1970");
    }
  }
}

export async function decideRowNumbers(draft: RoleDraft): Promise<void> {
  const { rows } = draft.values;
  const whole = draft.features(
    ({ type, distinct = DISTINCT_CAP }) => type === "integer" && distinct >= Math.min(DISTINCT_CAP, rows),
  );
  const steps = await draft.values.numberSteps(whole);
  const verdicts = whole.map((name, index) => {
    const step = steps[index];
    return step === undefined ? "no" : countsRows(step, rows, name);
  });
  const once = whole.filter((_, index) => verdicts[index] === "once");
  const counts = once.length === 0 ? [] : await draft.values.countDistinct(once, rows);
  const unique = once.filter((_, index) => counts[index] === rows);
  for (const [index, name] of whole.entries()) {
    if (verdicts[index] === "yes" || unique.includes(name)) {
      draft.decide(name, "identifier", "it counts the rows");
    }
  }
}

/** A network learns which run a flow is from where a column tells it, and with that which attacks were made in it. */
export async function decideRunNames(draft: RoleDraft): Promise<void> {
  const few = draft.features(({ name, type, distinct = DISTINCT_CAP }) => {
    if (type !== "text" && type !== "integer") return false;
    if (distinct < 2 || distinct >= DISTINCT_CAP) return false;
    const { words, isMeasure } = readName(name, type === "text" ? "text" : "whole numbers");
    return !isMeasure && !words.some((word) => FLOW_FIELD_WORDS.has(word));
  });
  if (few.length === 0) return;
  const { files, columns } = await draft.values.valueSpans(few);
  for (const [index, name] of few.entries()) {
    const type = draft.columns.find((column) => column.name === name)?.type;
    const reason = nameRuns(columns[index] ?? [], { files, isText: type === "text" });
    if (reason !== undefined) draft.decide(name, "identifier", reason);
  }
}
