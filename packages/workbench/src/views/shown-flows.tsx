import { countText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { endpointColumns } from "../choosing/endpoints.ts";
import type { Result } from "../page/result.ts";
import type { ShownFlow } from "../scoring/scored-flows.ts";
import { ListedFlow, type Opened } from "./flow-row.tsx";
import { useAnswer } from "./use-answer.ts";

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
  const heading = useRef<HTMLHeadingElement>(null);
  const { goesToList } = result.view;
  useEffect(() => {
    if (!goesToList.value) return;
    goesToList.value = false;
    heading.current?.focus();
    heading.current?.scrollIntoView();
  }, [goesToList.value]);
  return (
    <section aria-labelledby="flows-title">
      <h3 id="flows-title" tabIndex={-1} ref={heading}>
        The oddest flows
      </h3>
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
  const [open, setOpen] = useState<ReadonlyMap<number, Opened>>(new Map());
  const columns = 6 + (time ? 1 : 0) + (label ? 1 : 0) + endpoints.length;
  const set = (row: number, how: Opened | undefined): void => {
    const next = new Map(open);
    if (how === undefined) next.delete(row);
    else next.set(row, how);
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
          <ListedFlow
            key={flow.row}
            result={result}
            flow={flow}
            endpoints={endpoints}
            columns={columns}
            opened={open.get(flow.row)}
            onOpen={(how) => set(flow.row, how)}
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

/** The flows as the table shows them, once the worker has answered; until then the ones before, and true. */
function useShownFlows(result: Result, first: number, end: number): readonly [readonly ShownFlow[], boolean] {
  const chosen = result.chosen.value;
  const alarms = result.alarms.value;
  const threshold = result.anomaliesOnly.value ? result.threshold.value : undefined;
  const asked = useMemo(
    () => ({ first, end, reasons: REASONS, threshold }),
    // Alarms only are others when there are more or fewer of them.
    [chosen, first, end, threshold === undefined ? undefined : alarms],
  );
  const { answer, isBusy } = useAnswer(result.worker, "flows", asked);
  return [answer ?? [], isBusy];
}
