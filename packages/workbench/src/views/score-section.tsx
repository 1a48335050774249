import { countText, numberText, percentText } from "@oddflow/report/look";
import type { JSX, TargetedPointerEvent } from "preact";
import { placeOnAxis, scoreAtPlace } from "../charts/axis-place.ts";
import { MARGIN, placeOfX, xOfPlace } from "../charts/draw.ts";
import { type ChartSize, drawScoreAxes, drawScoreBars } from "../charts/score-chart.ts";
import type { Result } from "../page/result.ts";
import { BudgetControls } from "./budget-controls.tsx";
import { Drawing } from "./drawing.tsx";
import { useDrawn } from "./use-drawn.ts";
import { useWidth } from "./use-width.ts";

/** The slider's steps across the axis. */
const STEPS = 1000;

/** Digits of a score that is chosen by moving the threshold. */
const DIGITS = 5;

/** How the scores are spread, and the threshold on them, to be moved by pointer, keys, number or budget. */
export function ScoreSection({ result }: { readonly result: Result }): JSX.Element {
  const [place, width] = useWidth<HTMLDivElement>();
  const size = { width, height: width < 500 ? 210 : 250 };
  return (
    <section aria-labelledby="scores-title">
      <h3 id="scores-title">Scores and threshold</h3>
      <figure>
        <div class="chart" ref={place}>
          {width > 0 && (
            <>
              <ScoreAxes result={result} size={size} />
              <MovableThreshold result={result} size={size} />
            </>
          )}
        </div>
        <figcaption>
          Drag the line, or the slider under it. Flows at or right of it raise an alarm. Bars grow with the
          square root of their share, so that few alarms show beside many flows
          {result.flows.axis.type === "log" ? "; the score axis is logarithmic" : ""}.
        </figcaption>
      </figure>
      <BudgetControls result={result} />
    </section>
  );
}

function ScoreAxes({ result, size }: { readonly result: Result; readonly size: ChartSize }): JSX.Element {
  const { axis } = result.flows;
  const { spread } = result.chosen.value;
  const drawing = useDrawn(() => drawScoreAxes(spread, axis, size), size.width, [spread, axis]);
  return <Drawing svg={drawing} height={size.height} />;
}

/** The flows whose alarms rules take away. @param from pixels */
function TakenBars({
  result,
  size,
  from,
}: {
  readonly result: Result;
  readonly size: ChartSize;
  readonly from: number;
}): JSX.Element {
  const { axis } = result.flows;
  const { spread } = result.chosen.value;
  const taken = useDrawn(() => drawScoreBars(spread, axis, "taken", size), size.width, [spread, axis]);
  return <Drawing svg={taken} height={size.height} from={from} />;
}

function MovableThreshold({
  result,
  size,
}: {
  readonly result: Result;
  readonly size: ChartSize;
}): JSX.Element {
  const { axis } = result.flows;
  const { width, height } = size;
  const { spread, rows } = result.chosen.value;
  const usual = useDrawn(() => drawScoreBars(spread, axis, "flows", size), width, [spread, axis]);
  const alarms = useDrawn(() => drawScoreBars(spread, axis, "alarms", size), width, [spread, axis]);
  const threshold = result.threshold.value;
  const share = placeOnAxis(axis, threshold);
  const x = xOfPlace(share, width);
  const move = (place: number): void => {
    const score = Number(scoreAtPlace(axis, place).toPrecision(DIGITS));
    result.budget.value = { kind: "score", score };
  };
  const follow = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    move(placeOfX(event.clientX - event.currentTarget.getBoundingClientRect().left, width));
  };
  const { rows: count } = result.alarms.value;
  const isFarRight = share > 0.7;
  return (
    <>
      <Drawing svg={usual} height={height} to={x} />
      {spread.left.some((left, bin) => left < (spread.shares[bin] as number)) && (
        <TakenBars result={result} size={size} from={x} />
      )}
      <Drawing svg={alarms} height={height} from={x} />
      <div
        class="threshold-surface"
        style={{ height: `${height}px` }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          follow(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
        }}
      >
        <div
          class={`threshold-line${isFarRight ? " far-right" : ""}`}
          style={{ left: `${x}px`, top: "4px", height: `${height - MARGIN.bottom - 4}px` }}
        >
          <span>
            {countText(count)} {count === 1 ? "alarm" : "alarms"}
          </span>
        </div>
      </div>
      <input
        class="threshold-slider"
        style={{ marginLeft: `${MARGIN.left - 10}px`, width: `${width - MARGIN.left - MARGIN.right + 20}px` }}
        type="range"
        min={0}
        max={STEPS}
        step={1}
        value={Math.round(share * STEPS)}
        aria-label="Threshold"
        aria-valuetext={`score ${numberText(threshold)}: ${countText(count)} alarms, ${percentText(rows === 0 ? 0 : count / rows)} of the flows`}
        onInput={({ currentTarget }) => move(Number(currentTarget.value) / STEPS)}
      />
    </>
  );
}
