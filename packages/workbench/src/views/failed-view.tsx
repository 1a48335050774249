import type { ErrorCode } from "@oddflow/preprocessing";
import { visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Workbench } from "../page/workbench.ts";
import type { Failure } from "../scoring/messages.ts";
import { ModelSettings } from "./model-settings.tsx";
import { OpenFile } from "./open-file.tsx";

const TITLES: Partial<Record<ErrorCode, string>> = {
  COLUMNS_MISSING: "The model needs columns that this table does not have",
  COLUMN_TYPE: "A column does not hold what the model needs",
  TABLE_UNREADABLE: "The file cannot be read",
  TABLE_EMPTY: "There are no flows in the file",
  MODEL_INVALID: "The model cannot be used",
  SCORE_NOT_FINITE: "The model gives no score for a flow",
  MODEL_NOT_FOUND: "A file of the page is missing",
  MODEL_FORMAT_VERSION: "The model is of another release",
  SPEC_VERSION: "The model is of another release",
  SPEC_INVALID: "The model cannot be used",
  PROVIDER_UNAVAILABLE: "The model cannot be run here",
};

/** Why a table was not scored, and what to do. */
export function FailedView({
  workbench,
  table,
  failure,
}: {
  readonly workbench: Workbench;
  readonly table: string;
  readonly failure: Failure;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const isBug = failure.code === undefined;
  const title = (failure.code && TITLES[failure.code]) ?? "This is a bug in Oddflow, please report it";
  return (
    <div class="start">
      <section class="failed" aria-labelledby="failed-title">
        <div role="alert">
          <h2 id="failed-title" tabIndex={-1} ref={heading}>
            {title}
          </h2>
          <p class="failure">{sentence(failure.message)}</p>
        </div>
        {failure.code === "COLUMNS_MISSING" && (
          <p class="note">
            Columns are found by their exact names, as the commands find them. A model for other columns can
            be trained without labels, from the same file:{" "}
            <code>oddflow train {visibleText(table)} -o model.onnx</code>. Then choose it here.
          </p>
        )}
        {isBug && (
          <details>
            <summary>What went wrong</summary>
            <pre>{failure.trace}</pre>
          </details>
        )}
        <p class="actions">
          <OpenFile kind="main" onFile={(file) => void workbench.openFile(file)}>
            Open another file
          </OpenFile>
          <button type="button" onClick={() => void workbench.scoreAgain()}>
            Try again
          </button>
          <button type="button" onClick={() => workbench.startOver()}>
            Back to the start
          </button>
        </p>
      </section>
      <ModelSettings workbench={workbench} />
    </div>
  );
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
