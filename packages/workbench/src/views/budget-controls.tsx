import { plainPercentText } from "@oddflow/report/look";
import type { JSX } from "preact";
import type { AlertBudget } from "../choosing/alarms.ts";
import type { Result } from "../page/result.ts";

const SHARES = [0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 0.0001];

/** So many alarms a day, where nobody said how many. */
const ALARMS_A_DAY = 50;

/** The threshold as a number, or from what usual traffic may raise. */
export function BudgetControls({ result }: { readonly result: Result }): JSX.Element {
  const budget = result.budget.value;
  const set = (next: AlertBudget): void => {
    result.budget.value = next;
  };
  return (
    <div class="controls">
      <label>
        <span>Usual flows may raise</span>
        <select
          value={budget.kind === "share" ? String(budget.share) : budget.kind}
          onChange={({ currentTarget: { value } }) => {
            if (value === "a-day") set({ kind: "a-day", alarms: ALARMS_A_DAY });
            else if (value === "score") set({ kind: "score", score: result.threshold.peek() });
            else set({ kind: "share", share: Number(value) });
          }}
        >
          {SHARES.map((share) => (
            <option key={share} value={String(share)}>
              alarms in {plainPercentText(share)} of them
            </option>
          ))}
          {result.rate && <option value="a-day">some alarms a day</option>}
          <option value="score">what this score gives</option>
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
