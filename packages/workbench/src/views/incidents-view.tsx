import { countText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { timeText } from "../charts/time-bins.ts";
import type { ShownIncident, ShownIncidents } from "../incidents/table-incidents.ts";
import type { Result } from "../page/result.ts";
import { showFlows } from "../page/show-flows.ts";
import { AlarmLine } from "./alarm-line.tsx";
import { EntityChoice, NoHostsNote } from "./entity-choice.tsx";
import { useAnswer } from "./use-answer.ts";

/** As many columns are named of each incident. */
const NAMED_COLUMNS = 3;

/** Alarms that belong together. */
export function IncidentsView({ result }: { readonly result: Result }): JSX.Element {
  const entity = result.view.incidentsBy.value;
  const threshold = result.threshold.value;
  const rules = result.rules.opened.value;
  const question = useMemo(() => ({ entity, threshold }), [entity, threshold, rules]);
  const { answer, isBusy, failure } = useAnswer(result.worker, "incidents", question);
  return (
    <section class="view" aria-labelledby="incidents-title" aria-busy={isBusy}>
      <h3 id="incidents-title">Incidents</h3>
      <AlarmLine result={result} />
      <div class="controls">
        <EntityChoice
          entity={entity}
          onChoose={(chosen) => {
            result.view.incidentsBy.value = chosen;
          }}
        />
      </div>
      {failure !== undefined ? (
        <p role="alert">{failure}.</p>
      ) : answer === undefined ? (
        <p class="note">Putting alarms together…</p>
      ) : typeof answer === "string" ? (
        <NoHostsNote lacks={answer} />
      ) : (
        <IncidentList result={result} found={answer} />
      )}
    </section>
  );
}

function IncidentList({
  result,
  found: { incidents, alarms, leftOut, worst },
}: {
  readonly result: Result;
  readonly found: ShownIncidents;
}): JSX.Element {
  return (
    <>
      <p data-figure="incidents">
        <b>{countText(alarms)}</b> {alarms === 1 ? "alarm is" : "alarms are"} <b>{countText(incidents)}</b>{" "}
        {incidents === 1 ? "incident" : "incidents"}: alarms of one host that come within ten minutes of each
        other, and are odd by like columns.
        {leftOut > 0 && ` ${countText(leftOut)} more have no host or no time.`}
      </p>
      <ol class="incidents" aria-label="Incidents, the worst first">
        {worst.map((incident) => (
          <IncidentItem key={incident.id} result={result} incident={incident} />
        ))}
      </ol>
      {incidents > worst.length && (
        <p class="note">
          The worst {countText(worst.length)}; <code>oddflow incidents</code> writes all.
        </p>
      )}
    </>
  );
}

function IncidentItem({
  result,
  incident: { title, severity, first, last, flows, escalated, columns, example, filters, others },
}: {
  readonly result: Result;
  readonly incident: ShownIncident;
}): JSX.Element {
  const named = columns.slice(0, NAMED_COLUMNS).map(({ name, flows: own }) => `${name} (${countText(own)})`);
  const ends = [example.flow.source, example.flow.destination].filter((end) => end !== null);
  return (
    <li>
      <h4>{visibleText(title)}</h4>
      <p class="severity">
        severity <b>{severity}</b>
      </p>
      <dl>
        <div>
          <dt>Seen</dt>
          <dd>
            {first === last ? timeText(first) : `${timeText(first)} to ${timeText(last)}`} UTC
            {escalated > 0 && `, ${countText(escalated)} escalated`}
          </dd>
        </div>
        <div>
          <dt>Odd by</dt>
          <dd>{visibleText(named.join(", "))}</dd>
        </div>
        <div>
          <dt>Oddest</dt>
          <dd>
            row {countText(example.flow.row ?? 0)}
            {ends.length > 0 && `, ${visibleText(ends.join(" → "))}`}
          </dd>
        </div>
      </dl>
      <button
        type="button"
        class="plain"
        onClick={() => showFlows(result, { filters, range: [first, last], alarmsOnly: true })}
      >
        {flows === 1 ? "Its flow" : `Its ${countText(flows)} flows`}
        {others > 0 && `, and ${countText(others)} of other incidents then`}
        <span class="visually-hidden">: {title}</span>
      </button>
    </li>
  );
}
