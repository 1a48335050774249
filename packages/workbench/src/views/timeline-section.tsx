import { countText } from "@oddflow/report/look";
import type { JSX, TargetedPointerEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { MARGIN, placeOfX, xOfPlace } from "../charts/draw.ts";
import type { ChartSize } from "../charts/score-chart.ts";
import { type TimeBins, timeText, widthText } from "../charts/time-bins.ts";
import { drawCounts } from "../charts/timeline-chart.ts";
import { rangeBefore, type TimeRange } from "../choosing/alarms.ts";
import type { Result } from "../page/result.ts";
import type { ScoredFlows } from "../scoring/scored-flows.ts";
import { Drawing } from "./drawing.tsx";
import { useDrawn } from "./use-drawn.ts";
import { useWidth } from "./use-width.ts";

const ALARMS_HEIGHT = 142;
const FLOWS_HEIGHT = 108;

/** When the alarms were, over all flows; a stretch of time can be chosen on it. */
export function TimelineSection({
  result,
  time: { column, bins },
}: {
  readonly result: Result;
  readonly time: NonNullable<ScoredFlows["time"]>;
}): JSX.Element {
  return (
    <section aria-labelledby="timeline-title">
      <h3 id="timeline-title">Alarms over time</h3>
      <figure>
        <Timeline result={result} bins={bins} />
        <figcaption>
          Each bar is {widthText(bins.width)} of <code>{column}</code>, in UTC. Drag across to choose a
          stretch of time.
        </figcaption>
      </figure>
      <RangeControls result={result} />
    </section>
  );
}

function Timeline({ result, bins }: { readonly result: Result; readonly bins: TimeBins }): JSX.Element {
  const [place, width] = useWidth<HTMLDivElement>();
  const [dragged, setDragged] = useState<readonly [number, number] | undefined>(undefined);
  const { filtered: flows, overTime: flowCounts } = result.chosen.value;
  const { filtered: alarms, overTime: alarmCounts } = result.alarms.value;
  const placeOf = (event: TargetedPointerEvent<HTMLDivElement>): number =>
    placeOfX(event.clientX - event.currentTarget.getBoundingClientRect().left, width);
  const range = result.range.value;
  const marked = dragged ?? (range && placesOf(range, bins));
  return (
    <div class="chart timeline" ref={place} role="img" aria-label={inWords(bins, alarmCounts, alarms, flows)}>
      {width > 0 && (
        <>
          <Counts kind="alarms" bins={bins} counts={alarmCounts} size={{ width, height: ALARMS_HEIGHT }} />
          <Counts kind="flows" bins={bins} counts={flowCounts} size={{ width, height: FLOWS_HEIGHT }} />
          <div
            class="time-surface"
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.currentTarget.setPointerCapture(event.pointerId);
              const at = placeOf(event);
              setDragged([at, at]);
            }}
            onPointerMove={(event) => {
              if (dragged) setDragged([dragged[0], placeOf(event)]);
            }}
            onPointerUp={() => {
              if (dragged) result.range.value = rangeOf(dragged, bins);
              setDragged(undefined);
            }}
            onPointerCancel={() => setDragged(undefined)}
          >
            {marked && (
              <div
                class="time-range"
                style={{
                  left: `${xOfPlace(Math.min(...marked), width)}px`,
                  width: `${Math.abs(xOfPlace(marked[1], width) - xOfPlace(marked[0], width))}px`,
                  top: `${MARGIN.top - 4}px`,
                  bottom: `${MARGIN.bottom}px`,
                }}
              />
            )}
          </div>
        </>
      )}
    </div>
  );
}

function Counts({
  kind,
  bins,
  counts,
  size,
}: {
  readonly kind: "alarms" | "flows";
  readonly bins: TimeBins;
  readonly counts: Uint32Array;
  readonly size: ChartSize;
}): JSX.Element {
  const drawing = useDrawn(() => drawCounts(bins, counts, kind, size), size.width, [bins, counts]);
  return (
    <div>
      <Drawing svg={drawing} height={size.height} />
    </div>
  );
}

/** From and to as times that can be typed, so that no pointer is needed. */
function RangeControls({ result }: { readonly result: Result }): JSX.Element {
  const range = result.range.value;
  const set = (from: string, to: string): void => {
    if (from === "" && to === "") result.range.value = undefined;
    else result.range.value = [secondsOf(from) ?? -Infinity, secondsOf(to) ?? Infinity];
  };
  const first = useRef<HTMLInputElement>(null);
  const from = fieldOf(range?.[0]);
  const to = fieldOf(range?.[1]);
  return (
    <div class="controls">
      <label>
        <span>From (UTC)</span>
        <input
          ref={first}
          type="datetime-local"
          step="1"
          value={from}
          onChange={({ currentTarget }) => set(currentTarget.value, to)}
        />
      </label>
      <label>
        <span>To (UTC)</span>
        <input
          type="datetime-local"
          step="1"
          value={to}
          onChange={({ currentTarget }) => set(from, currentTarget.value)}
        />
      </label>
      {range && (
        <button
          type="button"
          onClick={() => {
            result.range.value = undefined;
            first.current?.focus();
          }}
        >
          All times
        </button>
      )}
    </div>
  );
}

/** The bins that a drag touches, as a time range; none for a click. */
function rangeOf(
  [a, b]: readonly [number, number],
  { start, width, count }: TimeBins,
): TimeRange | undefined {
  if (Math.abs(a - b) < 0.005) return undefined;
  const first = Math.floor(Math.min(a, b) * count);
  const end = Math.ceil(Math.max(a, b) * count);
  return rangeBefore(start + first * width, start + end * width);
}

function placesOf([from, to]: TimeRange, { start, width, count }: TimeBins): readonly [number, number] {
  const place = (second: number): number => Math.min(1, Math.max(0, (second - start) / (width * count)));
  return [place(from), place(to)];
}

function secondsOf(field: string): number | undefined {
  const time = Date.parse(`${field}Z`);
  return Number.isNaN(time) ? undefined : time / 1000;
}

function fieldOf(second: number | undefined): string {
  const date = new Date(Math.floor(second ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 19);
}

function inWords(bins: TimeBins, counts: Uint32Array, alarms: number, flows: number): string {
  const most = Math.max(...counts);
  const busiest = counts.indexOf(most);
  const from = timeText(bins.start);
  const to = timeText(bins.start + bins.count * bins.width);
  return (
    `Alarms and flows over time, ${from} to ${to} UTC: ${countText(alarms)} alarms in ${countText(flows)} flows` +
    (most > 0
      ? `; the most, ${countText(most)}, in the ${widthText(bins.width)} from ${timeText(bins.start + busiest * bins.width)}.`
      : ".")
  );
}
