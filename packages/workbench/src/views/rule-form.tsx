import type { RuleVerdict } from "@oddflow/preprocessing";
import { countText, scoreText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Result } from "../page/result.ts";
import { RULES_FILE } from "../page/rules-state.ts";
import { makeRule, type RuleCandidate } from "../rules/rule-draft.ts";
import { conditionWords } from "../rules/rule-words.ts";
import type { ShownFlow } from "../scoring/scored-flows.ts";
import { useAnswer } from "./use-answer.ts";

const VERDICTS: readonly (readonly [RuleVerdict, string])[] = [
  ["benign", "benign: known and wanted, no alarm"],
  ["wrong", "wrong: nothing odd about it, no alarm"],
  ["escalate", "escalate: keep the alarm, and mark it"],
];

/** Writes a rule from a flow: what it says, and of which flows. What is chosen to begin with will do for most. */
export function RuleForm({
  result,
  flow,
  onWritten,
}: {
  readonly result: Result;
  readonly flow: ShownFlow;
  readonly onWritten: (id: string) => void;
}): JSX.Element {
  const { answer: candidates, failure } = useAnswer(result.worker, "ruleDraft", flow.row);
  if (failure !== undefined) return <p role="alert">{failure}.</p>;
  if (candidates === undefined) return <p class="note">Looking at the flow…</p>;
  if (candidates.length === 0) return <p>No column of this flow can be named in a rule.</p>;
  return <ConditionsForm result={result} flow={flow} candidates={candidates} onWritten={onWritten} />;
}

function ConditionsForm({
  result,
  flow: { row, score },
  candidates,
  onWritten,
}: {
  readonly result: Result;
  readonly flow: ShownFlow;
  readonly candidates: readonly RuleCandidate[];
  readonly onWritten: (id: string) => void;
}): JSX.Element {
  const [verdict, setVerdict] = useState<RuleVerdict>("benign");
  const [chosen, setChosen] = useState(
    () => new Set(candidates.filter(({ isChosen }) => isChosen).map(({ column }) => column)),
  );
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const toggle = (column: string): void => {
    const next = new Set(chosen);
    if (!next.delete(column)) next.add(column);
    setChosen(next);
  };
  const write = async (): Promise<void> => {
    const rule = makeRule({
      verdict,
      candidates: candidates.filter(({ column }) => chosen.has(column)),
      comment: `Row ${row + 1} of ${result.flows.table}, score ${scoreText(score)}`,
      taken: (result.rules.opened.peek()?.rules ?? []).map(({ id }) => id),
    });
    const refusal = await result.rules.change({ add: rule, name: RULES_FILE });
    setFailure(refusal);
    if (refusal === undefined) onWritten(rule.id);
  };
  return (
    <form
      class="rule-form"
      aria-label={`Rule from row ${countText(row + 1)}`}
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <label>
        <span>Alarms like this one are</span>
        <select
          value={verdict}
          onChange={({ currentTarget }) => setVerdict(currentTarget.value as RuleVerdict)}
        >
          {VERDICTS.map(([key, text]) => (
            <option key={key} value={key}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>Like this one: all that is ticked</legend>
        {candidates.map(({ column, condition }) => (
          <label key={column}>
            <input type="checkbox" checked={chosen.has(column)} onChange={() => toggle(column)} />
            <span>
              <code>{visibleText(column)}</code> {visibleText(conditionWords(condition))}
            </span>
          </label>
        ))}
      </fieldset>
      <p class="actions">
        <button type="submit" class="button main" ref={button} disabled={chosen.size === 0}>
          Add this rule
        </button>
      </p>
      {failure !== undefined && <p role="alert">{failure}.</p>}
    </form>
  );
}
