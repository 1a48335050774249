import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Result } from "../page/result.ts";
import type { Workbench } from "../page/workbench.ts";
import { ComparisonView } from "./comparison-view.tsx";
import { ExportSection } from "./export-section.tsx";
import { FilterSection } from "./filter-section.tsx";
import { HostsView } from "./hosts-view.tsx";
import { IncidentsView } from "./incidents-view.tsx";
import { KeyFigures } from "./key-figures.tsx";
import { LabelTable } from "./label-table.tsx";
import { ModelSettings } from "./model-settings.tsx";
import { OpenFile } from "./open-file.tsx";
import { RulesView } from "./rules-view.tsx";
import { RunFacts } from "./run-facts.tsx";
import { ScoreSection } from "./score-section.tsx";
import { ShownFlows } from "./shown-flows.tsx";
import { TimelineSection } from "./timeline-section.tsx";
import { ViewTabs } from "./view-tabs.tsx";

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
      <ViewTabs result={result} />
      <div class="view-panel" id="view" role="tabpanel" aria-labelledby={`tab-${result.view.name.value}`}>
        <CurrentView workbench={workbench} result={result} />
      </div>
    </div>
  );
}

function CurrentView(props: { readonly workbench: Workbench; readonly result: Result }): JSX.Element {
  const { workbench, result } = props;
  switch (result.view.name.value) {
    case "flows":
      return <FlowsView {...props} />;
    case "hosts":
      return <HostsView result={result} />;
    case "incidents":
      return <IncidentsView result={result} />;
    case "rules":
      return <RulesView result={result} />;
    case "comparison":
      return <ComparisonView workbench={workbench} result={result} />;
  }
}

function FlowsView({
  workbench,
  result,
}: {
  readonly workbench: Workbench;
  readonly result: Result;
}): JSX.Element {
  const { time, label } = result.flows;
  return (
    <>
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
    </>
  );
}
