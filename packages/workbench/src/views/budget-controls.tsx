import { plainPercentText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { ODDEST_SHARES, type ThresholdSetting, USUAL_SHARES } from "../choosing/alarms.ts";
import type { Result } from "../page/result.ts";

/** So many alarms a day, where nobody said how many. */
const ALARMS_A_DAY = 50;

/** The threshold as a number, or from what usual traffic may raise. */
export function BudgetControls({ result }: { readonly result: Result }): JSX.Element {
  const budget = result.budget.value;
  const set = (next: ThresholdSetting): void => {
    result.budget.value = next;
  };
  return (
    <div class="controls">
      <label>
        <span>Alert budget</span>
        <select
          value={"share" in budget ? `${budget.kind} ${budget.share}` : budget.kind}
          onChange={({ currentTarget: { value } }) => {
            const [kind, share] = value.split(" ");
            if (kind === "share" || kind === "oddest") set({ kind, share: Number(share) });
            else if (kind === "a-day") set({ kind, alarms: ALARMS_A_DAY });
            else set({ kind: "score", score: result.threshold.peek() });
          }}
        >
          <optgroup label="Of usual flows, as the model knows them">
            {USUAL_SHARES.map((share) => (
              <option key={share} value={`share ${share}`}>
                {plainPercentText(share)} of usual flows
              </option>
            ))}
            {result.flows.time?.rate && <option value="a-day">so many alarms a day</option>}
          </optgroup>
          <optgroup label="Of the flows in this table">
            {ODDEST_SHARES.map((share) => (
              <option key={share} value={`oddest ${share}`}>
                the oddest {plainPercentText(share)}
              </option>
            ))}
            <option value="score">from a score on</option>
          </optgroup>
        </select>
      </label>
      {budget.kind === "a-day" && (
        <label>
          <span>Alarms a day</span>
          <input
            type="number"
            min="0"
            step="any"
            value={budget.alarms}
            onChange={({ currentTarget: { valueAsNumber } }) => {
              if (valueAsNumber > 0) set({ kind: "a-day", alarms: valueAsNumber });
            }}
          />
        </label>
      )}
      <label>
        <span>Threshold</span>
        <input
          type="number"
          min="0"
          step="any"
          value={Number(result.threshold.value.toPrecision(5))}
          onChange={({ currentTarget: { valueAsNumber } }) => {
            if (Number.isFinite(valueAsNumber)) set({ kind: "score", score: valueAsNumber });
          }}
        />
      </label>
    </div>
  );
}
