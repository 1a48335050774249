import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Result } from "../page/result.ts";
import type { Workbench } from "../page/workbench.ts";
import { ExportSection } from "./export-section.tsx";
import { FilterSection } from "./filter-section.tsx";
import { KeyFigures } from "./key-figures.tsx";
import { LabelTable } from "./label-table.tsx";
import { ModelSettings } from "./model-settings.tsx";
import { OpenFile } from "./open-file.tsx";
import { RunFacts } from "./run-facts.tsx";
import { ScoreSection } from "./score-section.tsx";
import { ShownFlows } from "./shown-flows.tsx";
import { TimelineSection } from "./timeline-section.tsx";

/** What was found in a table, and all that can be asked of it. */
export function ResultView({
  workbench,
  result,
}: {
  readonly workbench: Workbench;
  readonly result: Result;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { time, label } = result.flows;
  return (
    <div class="result">
      <div class="table-line">
        <h2 tabIndex={-1} ref={heading}>
          {result.flows.table}
        </h2>
        <p class="actions">
          <OpenFile kind="plain" onFile={(file) => void workbench.openFile(file)}>
            Open another file
          </OpenFile>
          <button type="button" onClick={() => workbench.startOver()}>
            Close
          </button>
        </p>
      </div>
      <KeyFigures result={result} />
      <div class="charts">
        <ScoreSection result={result} />
        {time && <TimelineSection result={result} time={time} />}
      </div>
      <FilterSection result={result} />
      <ShownFlows result={result} />
      <div class="charts">
        {label && <LabelTable result={result} label={label} />}
        <ExportSection result={result} />
      </div>
      <div class="charts">
        <RunFacts flows={result.flows} />
        <ModelSettings workbench={workbench} />
      </div>
    </div>
  );
}
