import { countText, numberText, percentText, plainPercentText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { thresholdRarity } from "../choosing/alarms.ts";
import type { Result } from "../page/result.ts";
import { RuledOut } from "./alarm-line.tsx";

/** So many times the alarms that were meant are more than attacks in usual traffic make. */
const MANY_TIMES = 5;

/** The first thing to see: how many alarms there are, in a sentence and in a few large figures. */
export function KeyFigures({ result }: { readonly result: Result }): JSX.Element {
  const { flows } = result;
  const { rows } = result.chosen.value;
  const { rows: alarms } = result.alarms.value;
  const threshold = result.threshold.value;
  const share = rows === 0 ? 0 : alarms / rows;
  const isPart = rows < flows.rows;
  const summary = useRef<HTMLParagraphElement>(null);
  return (
    <section aria-label="Result" aria-busy={result.isBehind.value}>
      <p class="summary" tabIndex={-1} ref={summary}>
        {budgetWords(result)}, <b>{countText(alarms)}</b> of {countText(rows)}{" "}
        {isPart ? "chosen flows" : "flows"} {alarms === 1 ? "raises" : "raise"} an alarm.
        <RuledOut result={result} />
      </p>
      {!isPart && <TooManyAlarms result={result} share={share} onTaken={() => summary.current?.focus()} />}
      <dl class="key-figures">
        <div>
          <dt>Alarms</dt>
          <dd>
            <b data-figure="alarms">{countText(alarms)}</b>
            <span>
              {percentText(share)} of the {isPart ? "chosen flows" : "flows"}
            </span>
          </dd>
        </div>
        <div>
          <dt>Flows</dt>
          <dd>
            <b>{countText(rows)}</b>
            <span>{isPart ? `chosen of ${countText(flows.rows)}` : "scored"}</span>
          </dd>
        </div>
        <div>
          <dt>Threshold</dt>
          <dd>
            <b>{numberText(threshold)}</b>
            <span>{thresholdRarity(flows.model.heldBack, threshold)}</span>
          </dd>
        </div>
        <div>
          <dt>Speed</dt>
          <dd>
            <b>{countText(Number((flows.rows / (flows.scoreMs / 1000)).toPrecision(2)))}</b>
            <span>
              flows a second, on {flows.provider === "webgpu" ? "the graphics card" : "the processor"}
            </span>
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** Says so when far more flows are alarms than were meant to: the thresholds of the model do not fit this traffic. */
function TooManyAlarms({
  result,
  share,
  onTaken,
}: {
  readonly result: Result;
  readonly share: number;
  /** The button that was pressed goes; focus should not go with it. */
  readonly onTaken: () => void;
}): JSX.Element | null {
  const budget = result.budget.value;
  if (budget.kind !== "share" || share < MANY_TIMES * budget.share) return null;
  return (
    <div class="notice">
      <p>
        That is {countText(Number((share / budget.share).toPrecision(2)))} times as many as meant. Either many
        of these flows are attacks, or this traffic is not like what the model was trained on, and its
        thresholds do not fit.
        <code> oddflow train</code> makes a model for your traffic, <code>oddflow recalibrate</code> fits the
        thresholds of this one.
      </p>
      <button
        type="button"
        onClick={() => {
          result.budget.value = { kind: "oddest", share: budget.share };
          onTaken();
        }}
      >
        Take the oddest {plainPercentText(budget.share)} instead
      </button>
    </div>
  );
}

function budgetWords({ budget, threshold }: Result): string {
  const chosen = budget.value;
  switch (chosen.kind) {
    case "share":
      return `At a threshold meant to flag ${plainPercentText(chosen.share)} of usual flows`;
    case "oddest":
      return `At the score of the oddest ${plainPercentText(chosen.share)} of these flows`;
    case "a-day":
      return `At a threshold meant for ${numberText(chosen.alarms)} alarms a day`;
    case "score":
      return `At a threshold of ${numberText(threshold.value)}`;
  }
}
