import { percentText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Result } from "../page/result.ts";
import type { FlowDetails as Details } from "../scoring/scored-flows.ts";

const REASONS = 8;

/** All there is to say of one flow: what made it odd, and every column. */
export function FlowDetails({ result, row }: { readonly result: Result; readonly row: number }): JSX.Element {
  const [details, setDetails] = useState<Details | undefined>(undefined);
  useEffect(() => {
    let isLate = false;
    void result.worker.ask("details", { row, reasons: REASONS }).then((answer) => {
      if (!isLate) setDetails(answer);
    });
    return () => {
      isLate = true;
    };
  }, [result.worker, row]);
  if (details === undefined) return <p class="note">Asking the model…</p>;
  const most = Math.max(...details.reasons.map(({ share }) => share), 1e-9);
  const scored = new Set(result.flows.columns.filter(({ isScored }) => isScored).map(({ name }) => name));
  return (
    <div class="flow-details">
      <div>
        <h4>What made it odd</h4>
        <ol class="shares">
          {details.reasons.map(({ column, share, text }) => (
            <li key={column}>
              <span class="share">{percentText(share)}</span>
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${(100 * share) / most}%` }} />
              </span>
              <span>{visibleText(text)}</span>
            </li>
          ))}
        </ol>
        <p class="note">Each column's share of the flow's score.</p>
      </div>
      <div>
        <h4>All columns</h4>
        <dl class="cells">
          {details.cells.map(([name, text]) => (
            <div key={name} class={scored.has(name) ? "" : "unscored"}>
              <dt>{visibleText(name)}</dt>
              <dd>{text === "" ? "–" : visibleText(text)}</dd>
            </div>
          ))}
        </dl>
        <p class="note">Columns in a fainter ink are not scored by the model.</p>
      </div>
    </div>
  );
}
