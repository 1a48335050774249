import { countText, numberText, rarityText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { timeText } from "../charts/time-bins.ts";
import { rangeBefore } from "../choosing/alarms.ts";
import type { HostsRequest, ShownHost, ShownHosts } from "../hosts/shown-hosts.ts";
import type { Result } from "../page/result.ts";
import { showFlows } from "../page/show-flows.ts";
import { AlarmLine } from "./alarm-line.tsx";
import { EntityChoice, NoHostsNote } from "./entity-choice.tsx";
import { useAnswer } from "./use-answer.ts";

const HOUR = 3600;

const WINDOWS: readonly (readonly [seconds: number, text: string])[] = [
  [HOUR / 6, "10 minutes"],
  [HOUR, "an hour"],
  [6 * HOUR, "six hours"],
  [24 * HOUR, "a day"],
];

/** The oddest hosts, by what their flows come to together. */
export function HostsView({ result }: { readonly result: Result }): JSX.Element {
  const request = result.view.hosts.value;
  const threshold = result.threshold.value;
  const rules = result.rules.opened.value;
  const question = useMemo(() => ({ ...request, threshold }), [request, threshold, rules]);
  const { answer, isBusy, failure } = useAnswer(result.worker, "hosts", question);
  return (
    <section class="view" aria-labelledby="hosts-title" aria-busy={isBusy}>
      <h3 id="hosts-title">The oddest hosts</h3>
      <AlarmLine result={result} />
      <HostControls result={result} request={request} />
      {failure !== undefined ? (
        <p role="alert">{failure}.</p>
      ) : answer === undefined ? (
        <p class="note">Counting…</p>
      ) : typeof answer === "string" ? (
        <NoHostsNote lacks={answer} />
      ) : (
        <HostTable result={result} found={answer} seconds={request.seconds} />
      )}
    </section>
  );
}

function HostControls({
  result,
  request,
}: {
  readonly result: Result;
  readonly request: HostsRequest;
}): JSX.Element {
  const set = (change: Partial<HostsRequest>): void => {
    result.view.hosts.value = { ...request, ...change };
  };
  return (
    <div class="controls">
      <EntityChoice entity={request.entity} onChoose={(entity) => set({ entity })} />
      <label>
        <span>Its flows in</span>
        <select
          value={request.seconds}
          onChange={({ currentTarget }) => set({ seconds: Number(currentTarget.value) })}
        >
          {WINDOWS.map(([seconds, text]) => (
            <option key={seconds} value={seconds}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Hosts a day</span>
        <input
          type="number"
          min="0"
          step="any"
          value={request.alarmsADay}
          onChange={({ currentTarget: { valueAsNumber } }) => {
            if (valueAsNumber > 0) set({ alarmsADay: valueAsNumber });
          }}
        />
      </label>
    </div>
  );
}

function HostTable({
  result,
  found,
  seconds,
}: {
  readonly result: Result;
  readonly found: ShownHosts;
  readonly seconds: number;
}): JSX.Element {
  const { hosts, windows, alarms, alarmingHosts, threshold, share, leftOut, oddest } = found;
  return (
    <>
      <p data-figure="hosts">
        <b>{countText(alarmingHosts)}</b> of {countText(hosts)} hosts alarm, in {countText(alarms)} of{" "}
        {countText(windows)} windows: those that score {numberText(threshold)} or more. Usual is what these
        flows do; {rarityText(share)} windows may alarm.
        {leftOut > 0 && ` ${countText(leftOut)} flows have no host or no time.`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section class="scroll" tabIndex={0} aria-label="Table of hosts">
        <table class="hosts">
          <caption class="visually-hidden">Windows of hosts by score, the oddest first</caption>
          <thead>
            <tr>
              <th scope="col">host</th>
              <th scope="col">from (UTC)</th>
              <th scope="col" class="number">
                score
              </th>
              <th scope="col">alarm</th>
              <th scope="col" class="number">
                flows
              </th>
              <th scope="col" class="number">
                alarms
              </th>
              <th scope="col">oddest flow by</th>
              <th scope="col">
                <span class="visually-hidden">flows</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {oddest.map((host) => (
              <HostRow key={`${host.start} ${host.host}`} result={result} host={host} seconds={seconds} />
            ))}
          </tbody>
        </table>
      </section>
      {windows > oddest.length && (
        <p class="note">
          The oddest {countText(oddest.length)}; <code>oddflow hosts</code> writes all.
        </p>
      )}
    </>
  );
}

function HostRow({
  result,
  host: { host, start, score, isAnomaly, flows, alarms, topColumns, filters },
  seconds,
}: {
  readonly result: Result;
  readonly host: ShownHost;
  readonly seconds: number;
}): JSX.Element {
  return (
    <tr class={isAnomaly ? "alarm" : ""}>
      <th scope="row">{visibleText(host)}</th>
      <td class="time">{timeText(start)}</td>
      <td class="number score">{score.toFixed(2)}</td>
      <td class="is-alarm">{isAnomaly ? "alarm" : "–"}</td>
      <td class="number">{countText(flows)}</td>
      <td class="number">{countText(alarms)}</td>
      <td class="wide">{visibleText(topColumns)}</td>
      <td class="toggle">
        <button
          type="button"
          class="plain"
          onClick={() =>
            showFlows(result, { filters, range: rangeBefore(start, start + seconds), alarmsOnly: false })
          }
        >
          Its flows
          <span class="visually-hidden">
            {" "}
            of {host} from {timeText(start)}
          </span>
        </button>
      </td>
    </tr>
  );
}
