import { countText, visibleText } from "@oddflow/report/look";
import type { RuleCount } from "@oddflow/rules";
import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { Result } from "../page/result.ts";
import { saveFile } from "../page/save-file.ts";
import { ruleWords } from "../rules/rule-words.ts";
import type { OpenedRules, RulesChange } from "../rules/rules-in-use.ts";
import { OpenFile } from "./open-file.tsx";
import { useAnswer } from "./use-answer.ts";

/** The rules in use, and what they do to alarms. */
export function RulesView({ result }: { readonly result: Result }): JSX.Element {
  const { opened } = result.rules;
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const change = async (asked: RulesChange | null): Promise<void> =>
    setFailure(await result.rules.change(asked));
  const heading = useRef<HTMLHeadingElement>(null);
  const file = opened.value;
  return (
    <section class="view" aria-labelledby="rules-title">
      <h3 id="rules-title" tabIndex={-1} ref={heading}>
        Rules
      </h3>
      <p class="note">
        What people say of alarms that are alike. The first rule that matches an alarm decides: <i>benign</i>{" "}
        and <i>wrong</i> take it away, <i>escalate</i> keeps and marks it. The commands take the same file, as{" "}
        <code>--rules</code>.
      </p>
      <p class="actions">
        <OpenFile
          kind="plain"
          accept=".yaml,.yml,.json"
          onFile={(chosen) => void chosen.text().then((text) => change({ name: chosen.name, text }))}
        >
          Open a rules.yaml
        </OpenFile>
        {file !== undefined && (
          <>
            <button type="button" onClick={() => saveFile(new Blob([file.text]), file.name)}>
              Save {file.name}
            </button>
            <button
              type="button"
              onClick={() => {
                void change(null);
                heading.current?.focus();
              }}
            >
              Use no rules
            </button>
          </>
        )}
      </p>
      {failure !== undefined && <p role="alert">{failure}.</p>}
      {file === undefined || file.rules.length === 0 ? (
        <p>There are no rules. Open a file, or write one from a flow: press “Rule” beside it.</p>
      ) : (
        <RuleTable
          result={result}
          file={file}
          onRemove={(id) => {
            void change({ remove: id });
            heading.current?.focus();
          }}
        />
      )}
    </section>
  );
}

function RuleTable({
  result,
  file,
  onRemove,
}: {
  readonly result: Result;
  readonly file: OpenedRules;
  /** The button that was pressed goes; focus should not go with it. */
  readonly onRemove: (id: string) => void;
}): JSX.Element {
  const threshold = result.threshold.value;
  // The same threshold is another question once the rules are others.
  const question = useMemo(() => ({ threshold }), [threshold, file]);
  const { answer } = useAnswer(result.worker, "ruleCounts", question);
  return (
    <>
      {answer && (
        <p data-figure="rules">
          <b>{countText(answer.left)}</b> of {countText(answer.alarms)} alarms are left.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section class="scroll" tabIndex={0} aria-label="Table of rules">
        <table class="rules">
          <caption class="visually-hidden">Rules in their order, and how many alarms each is about</caption>
          <thead>
            <tr>
              <th scope="col">rule</th>
              <th scope="col" class="word">
                verdict
              </th>
              <th scope="col">alarms that it is about</th>
              {["matches", "decides", "hides"].map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
              <th scope="col">
                <span class="visually-hidden">remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {file.rules.map((rule) => {
              const count = answer?.rules.find(({ id }) => id === rule.id);
              return (
                <tr key={rule.id}>
                  <th scope="row">{visibleText(rule.id)}</th>
                  <td class="word">{rule.verdict}</td>
                  <td class="wide">
                    {visibleText(ruleWords(rule).join("; "))}
                    <span class="kind">
                      {[visibleText(rule.comment ?? ""), noteOf(rule.lacking, count)]
                        .filter(Boolean)
                        .join(" – ")}
                    </span>
                  </td>
                  {(["matches", "decides", "hides"] as const).map((name) => (
                    <td key={name} class="number">
                      {count === undefined ? "…" : countText(count[name])}
                    </td>
                  ))}
                  <td class="toggle">
                    <button type="button" class="plain" onClick={() => onRemove(rule.id)}>
                      Remove<span class="visually-hidden"> {rule.id}</span>
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** Why a rule does nothing, where it does nothing. */
function noteOf(lacking: readonly string[], count: RuleCount | undefined): string {
  if (lacking.length > 0) return `matches nothing: the flows lack ${lacking.join(", ")}`;
  if (count === undefined) return "";
  if (count.matches === 0) return count.expired > 0 ? "has expired" : "matches no alarm";
  return count.decides === 0 ? "decides on no alarm: rules before it are about all that it matches" : "";
}
