import { scoreRarity, Verdict } from "@oddflow/detector";
import { isSuppressed, type Ruling } from "@oddflow/preprocessing";
import { countText, rarityText, scoreText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { timeText } from "../charts/time-bins.ts";
import { type EndpointColumn, endpointText } from "../choosing/endpoints.ts";
import type { Result } from "../page/result.ts";
import type { ShownFlow } from "../scoring/scored-flows.ts";
import { OpenedFlow } from "./flow-details.tsx";

/** What a flow is opened for: to see why it is odd, or to write a rule from it. */
export type Opened = "why" | "rule";

/** A flow in the table, and under it all there is to say of it where that is asked for. */
export function ListedFlow({
  result,
  flow,
  endpoints,
  columns,
  opened,
  onOpen,
}: {
  readonly result: Result;
  readonly flow: ShownFlow;
  readonly endpoints: readonly EndpointColumn[];
  readonly columns: number;
  readonly opened: Opened | undefined;
  readonly onOpen: (how: Opened | undefined) => void;
}): JSX.Element {
  const { time, label, model } = result.flows;
  const { row, score, seconds, identifiers, reasons } = flow;
  const isOdd = new Verdict(result.threshold.value).isAnomaly(score);
  const isAlarm = isOdd && !isSuppressed(flow.ruling);
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
          {alarmText(isOdd, flow.ruling)}
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
          <button
            type="button"
            class="plain"
            aria-expanded={opened !== undefined}
            onClick={() => onOpen(opened === undefined ? "why" : undefined)}
          >
            {opened === undefined ? "Why?" : "Close"}
            <span class="visually-hidden"> row {countText(row + 1)}</span>
          </button>{" "}
          <button
            type="button"
            class="plain"
            aria-expanded={opened === "rule"}
            onClick={() => onOpen(opened === "rule" ? undefined : "rule")}
          >
            Rule
            <span class="visually-hidden"> from row {countText(row + 1)}</span>
          </button>
        </td>
      </tr>
      {opened && (
        <tr role="row" class="details">
          <td role="cell" colSpan={columns}>
            <OpenedFlow result={result} flow={flow} writesRule={opened === "rule"} />
          </td>
        </tr>
      )}
    </>
  );
}

/** What the table says in the column of alarms. */
function alarmText(isOdd: boolean, ruling: Ruling | null): string {
  if (!isOdd) return "–";
  if (ruling === null) return "alarm";
  return isSuppressed(ruling) ? ruling.verdict : "alarm, escalated";
}
