import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { attackLabels } from "../choosing/label-figures.ts";
import { compareAtBudget } from "../comparison/compared-budget.ts";
import type { SecondSummary } from "../comparison/second-model.ts";
import type { Result } from "../page/result.ts";
import type { Workbench } from "../page/workbench.ts";
import type { Progress } from "../scoring/messages.ts";
import { ComparisonFigures } from "./comparison-figures.tsx";
import { OpenFile } from "./open-file.tsx";
import { useAnswer } from "./use-answer.ts";

/** Another model on the same flows, beside the one that scored them. */
export function ComparisonView({
  workbench,
  result,
}: {
  readonly workbench: Workbench;
  readonly result: Result;
}): JSX.Element {
  const stage = result.second.stage.value;
  const model = result.second.model.value;
  return (
    <section class="view" aria-labelledby="comparison-title">
      <h3 id="comparison-title">Comparison of two models</h3>
      <p class="note">
        Whether to take another model in place of {result.flows.model.name}: on which of these flows each
        raises an alarm at the same budget, and why.
      </p>
      {stage.kind === "scoring" ? (
        <SecondScoring name={stage.name} progress={stage.progress} />
      ) : (
        <>
          <p class="actions">
            <OpenFile
              kind="plain"
              accept=".onnx"
              onFile={(file) => void result.second.open(file, workbench.provider.peek())}
            >
              Open a second model
            </OpenFile>
          </p>
          {stage.kind === "failed" && <p role="alert">{stage.failure.message}.</p>}
          {model && <TwoModels result={result} model={model} />}
        </>
      )}
    </section>
  );
}

function SecondScoring({
  name,
  progress,
}: {
  readonly name: string;
  readonly progress: Progress | undefined;
}): JSX.Element {
  const share = progress?.stage === "scoring" ? progress.rows / progress.of : 0;
  return (
    <>
      <p id="second-title" role="status">
        Scoring with {name}
      </p>
      <progress aria-labelledby="second-title" max={1} value={share} />
    </>
  );
}

function TwoModels({
  result,
  model,
}: {
  readonly result: Result;
  readonly model: SecondSummary;
}): JSX.Element {
  const { flows } = result;
  const budget = result.budget.value;
  const normals = result.normals.value;
  const rules = result.rules.opened.value;
  const question = useMemo(() => {
    const rate = flows.time?.rate;
    const isAttack = flows.label && attackLabels(flows.label, normals);
    const bases = {
      old: { oddest: flows.oddest, heldBack: flows.model.heldBack, rate },
      new: { oddest: model.oddest, heldBack: model.heldBack, rate },
    };
    return { ...compareAtBudget(budget, bases), ...(isAttack ? { isAttack } : {}) };
  }, [flows, model, budget, normals, rules]);
  const { answer, isBusy, failure } = useAnswer(result.worker, "compare", question);
  if (failure !== undefined) return <p role="alert">{failure}.</p>;
  if (answer === undefined) return <p class="note">Comparing…</p>;
  return (
    <div class="view" aria-busy={isBusy}>
      <p class="note">
        Of all flows, filters aside, at the budget of the Flows view
        {budget.kind === "score" && ": for the second model as few usual flows as reach that score"}.
      </p>
      <ComparisonFigures
        comparison={answer}
        names={{ old: flows.model.name, new: model.name }}
        identifiers={flows.identifiers}
        thresholds={question.thresholds}
      />
    </div>
  );
}
