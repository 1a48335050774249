import { scoreRarity, Verdict } from "@oddflow/detector";
import { countText, rarityText, scoreText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { timeText } from "../charts/time-bins.ts";
import { type EndpointColumn, endpointColumns, endpointText } from "../choosing/endpoints.ts";
import type { Result } from "../page/result.ts";
import type { ShownFlow } from "../scoring/scored-flows.ts";
import { FlowDetails } from "./flow-details.tsx";

const ROWS_A_PAGE = 20;

/** Reasons in a row of the table; a row's details have more. */
const REASONS = 2;

/** The chosen flows, the oddest first, a page at a time. */
export function ShownFlows({ result }: { readonly result: Result }): JSX.Element {
  const [page, setPage] = useState(0);
  const rows = result.anomaliesOnly.value ? result.alarms.value.rows : result.chosen.value.rows;
  const pages = Math.max(1, Math.ceil(rows / ROWS_A_PAGE));
  const shownPage = Math.min(page, pages - 1);
  const first = shownPage * ROWS_A_PAGE;
  const end = Math.min(first + ROWS_A_PAGE, rows);
  const [shown, isBusy] = useShownFlows(result, first, end);
  return (
    <section aria-labelledby="flows-title">
      <h3 id="flows-title">The oddest flows</h3>
      {rows === 0 ? (
        <p class="note">No flow is left. Remove a filter, or lower the threshold.</p>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
          <section class="scroll" tabIndex={0} aria-label="Table of flows" aria-busy={isBusy}>
            <FlowRows result={result} flows={shown} />
          </section>
          <nav class="pages" aria-label="Pages of flows">
            <button type="button" disabled={shownPage === 0} onClick={() => setPage(shownPage - 1)}>
              Odder
            </button>
            <span>
              {countText(first + 1)} to {countText(end)} of {countText(rows)}
            </span>
            <button type="button" disabled={shownPage === pages - 1} onClick={() => setPage(shownPage + 1)}>
              Less odd
            </button>
          </nav>
        </>
      )}
    </section>
  );
}

function FlowRows({
  result,
  flows,
}: {
  readonly result: Result;
  readonly flows: readonly ShownFlow[];
}): JSX.Element {
  const { time, label, identifiers } = result.flows;
  const endpoints = useMemo(() => endpointColumns(identifiers), [identifiers]);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const columns = 6 + (time ? 1 : 0) + (label ? 1 : 0) + endpoints.length;
  const toggle = (row: number): void => {
    const next = new Set(open);
    if (!next.delete(row)) next.add(row);
    setOpen(next);
  };
  // The roles are the elements' own, said once more because a folded table is laid out as no table.
  return (
    <table class="flows" role="table">
      <caption class="visually-hidden">Flows by score, the oddest first, and what made each odd</caption>
      <thead role="rowgroup">
        <tr role="row">
          <Heading kind="number">row</Heading>
          <Heading kind="number">score</Heading>
          <Heading kind="text">rarity</Heading>
          <Heading kind="text">alarm</Heading>
          {time && <Heading kind="text">{time.column} (UTC)</Heading>}
          {endpoints.map(({ heading }) => (
            <Heading key={heading} kind="text">
              {heading}
            </Heading>
          ))}
          {label && <Heading kind="text">{label.column}</Heading>}
          <Heading kind="text">what made it odd</Heading>
          <Heading kind="text">
            <span class="visually-hidden">details</span>
          </Heading>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {flows.map((flow) => (
          <FlowRow
            key={flow.row}
            result={result}
            flow={flow}
            endpoints={endpoints}
            columns={columns}
            isOpen={open.has(flow.row)}
            onToggle={() => toggle(flow.row)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Heading({
  kind,
  children,
}: {
  readonly kind: "number" | "text";
  readonly children: JSX.Element | string | (string | undefined)[];
}): JSX.Element {
  return (
    <th scope="col" role="columnheader" class={kind}>
      {children}
    </th>
  );
}

function FlowRow({
  result,
  flow,
  endpoints,
  columns,
  isOpen,
  onToggle,
}: {
  readonly result: Result;
  readonly flow: ShownFlow;
  readonly endpoints: readonly EndpointColumn[];
  readonly columns: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}): JSX.Element {
  const { time, label, model } = result.flows;
  const { row, score, seconds, identifiers, reasons } = flow;
  const isAlarm = new Verdict(result.threshold.value).isAnomaly(score);
  return (
    <>
      <tr role="row" class={isAlarm ? "alarm" : ""}>
        <th scope="row" role="rowheader" class="number">
          {countText(row + 1)}
        </th>
        <td role="cell" class="number score">
          {scoreText(score)}
        </td>
        <td role="cell" class="rarity">
          {rarityText(scoreRarity(model.heldBack, score))}
        </td>
        <td role="cell" class="is-alarm">
          {isAlarm ? "alarm" : "–"}
        </td>
        {time && (
          <td role="cell" class="time">
            {timeText(seconds)}
          </td>
        )}
        {endpoints.map(({ heading, ends }) => (
          <td role="cell" class="endpoint" key={heading}>
            {ends.length === 1 && (
              <span class="fold-label" aria-hidden="true">
                {heading}
              </span>
            )}
            {ends.map((places, end) => (
              <span key={places.join()}>
                {end > 0 && <span class="arrow">→ </span>}
                {visibleText(endpointText(places.map((place) => identifiers[place] ?? "")))}{" "}
              </span>
            ))}
          </td>
        ))}
        {label && (
          <td role="cell" class="label">
            {visibleText(flow.label || "–")}
          </td>
        )}
        <td role="cell" class="reasons">
          <ol>
            {reasons.map(({ column, text }) => (
              <li key={column}>{visibleText(text)}</li>
            ))}
          </ol>
        </td>
        <td role="cell" class="toggle">
          <button type="button" class="plain" aria-expanded={isOpen} onClick={onToggle}>
            {isOpen ? "Close" : "Why?"}
            <span class="visually-hidden"> row {countText(row + 1)}</span>
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr role="row" class="details">
          <td role="cell" colSpan={columns}>
            <FlowDetails result={result} row={row} />
          </td>
        </tr>
      )}
    </>
  );
}

/** The flows as the table shows them, once the worker has answered; until then the ones before, and true. */
function useShownFlows(result: Result, first: number, end: number): readonly [readonly ShownFlow[], boolean] {
  const chosen = result.chosen.value;
  const asked = useMemo(() => ({ first, end, reasons: REASONS }), [chosen, first, end]);
  const [answer, setAnswer] = useState<{ asked?: typeof asked; flows: readonly ShownFlow[] }>({ flows: [] });
  useEffect(() => {
    let isLate = false;
    void result.worker.ask("flows", asked).then((flows) => {
      if (!isLate) setAnswer({ asked, flows });
    });
    return () => {
      isLate = true;
    };
  }, [result.worker, asked]);
  return [answer.flows, answer.asked !== asked];
}
