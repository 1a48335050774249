import { shareScoringAbove } from "@oddflow/onnx";
import { countText, numberText, percentText, plainPercentText, rarityText } from "@oddflow/report/look";
import type { JSX } from "preact";
import type { Result } from "../page/result.ts";

/** The first thing to see: how many alarms there are, in a sentence and in a few large figures. */
export function KeyFigures({ result }: { readonly result: Result }): JSX.Element {
  const { flows } = result;
  const rows = result.chosen.value.length;
  const alarms = result.alarms.value;
  const threshold = result.threshold.value;
  const share = rows === 0 ? 0 : alarms / rows;
  const isPart = rows < flows.rows;
  return (
    <section aria-label="Result">
      <p class="summary">
        {budgetWords(result)}, <b>{countText(alarms)}</b> of {countText(rows)}{" "}
        {isPart ? "chosen flows" : "flows"} {alarms === 1 ? "raises" : "raise"} an alarm.
      </p>
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
            <span>
              {rarityText(shareScoringAbove(flows.model.heldBack, threshold))} usual flows reaches it
            </span>
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

function budgetWords({ budget, threshold }: Result): string {
  const chosen = budget.value;
  switch (chosen.kind) {
    case "share":
      return `At a threshold meant to flag ${plainPercentText(chosen.share)} of usual flows`;
    case "a-day":
      return `At a threshold meant for ${numberText(chosen.alarms)} alarms a day`;
    case "score":
      return `At a threshold of ${numberText(threshold.value)}`;
  }
}
