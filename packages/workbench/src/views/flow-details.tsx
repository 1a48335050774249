import { percentText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Result } from "../page/result.ts";
import type { FlowDetails, ShownFlow } from "../scoring/scored-flows.ts";
import { RuleForm } from "./rule-form.tsx";
import { useAnswer } from "./use-answer.ts";

const REASONS = 8;

/** All there is to say of one flow: what made it odd, what rules say of it, and every column. */
export function OpenedFlow({
  result,
  flow,
  writesRule,
}: {
  readonly result: Result;
  readonly flow: ShownFlow;
  /** Whether it is opened to write a rule from it. */
  readonly writesRule: boolean;
}): JSX.Element {
  const question = useMemo(() => ({ row: flow.row, reasons: REASONS }), [flow.row]);
  const { answer: details, failure } = useAnswer(result.worker, "details", question);
  if (failure !== undefined) return <p role="alert">{failure}.</p>;
  if (details === undefined) return <p class="note">Asking the model…</p>;
  return (
    <div class="flow-details">
      <div>
        <FlowRule result={result} flow={flow} isAsked={writesRule} />
        <Reasons details={details} />
      </div>
      <Cells result={result} details={details} />
    </div>
  );
}

/** What the rule says that is about the flow, and a way to write one. */
function FlowRule({
  result,
  flow,
  isAsked,
}: {
  readonly result: Result;
  readonly flow: ShownFlow;
  readonly isAsked: boolean;
}): JSX.Element {
  const [writes, setWrites] = useState(isAsked);
  const [written, setWritten] = useState<string | undefined>(undefined);
  const told = useRef<HTMLParagraphElement>(null);
  useEffect(() => setWrites(isAsked), [isAsked]);
  // The button that was pressed is gone.
  useEffect(() => told.current?.focus(), [written]);
  const { ruling } = flow;
  return (
    <div class="flow-rule">
      <h4>What a rule says of it</h4>
      {writes ? (
        <RuleForm
          result={result}
          flow={flow}
          onWritten={(id) => {
            setWritten(id);
            setWrites(false);
          }}
        />
      ) : (
        <>
          <p tabIndex={-1} ref={told} role="status">
            {written === undefined ? "" : `${visibleText(written)} is in use. `}
            {ruling === null
              ? written === undefined && "No rule is about it."
              : `The rule ${visibleText(ruling.rule)} calls it ${ruling.verdict === "escalate" ? "important" : ruling.verdict}.`}
          </p>
          <p class="actions">
            <button type="button" onClick={() => setWrites(true)}>
              Write a rule
            </button>
          </p>
        </>
      )}
    </div>
  );
}

function Reasons({ details }: { readonly details: FlowDetails }): JSX.Element {
  const most = Math.max(...details.reasons.map(({ share }) => share), 1e-9);
  return (
    <>
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
    </>
  );
}

function Cells({ result, details }: { readonly result: Result; readonly details: FlowDetails }): JSX.Element {
  const scored = new Set(result.flows.columns.filter(({ isScored }) => isScored).map(({ name }) => name));
  return (
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
  );
}
