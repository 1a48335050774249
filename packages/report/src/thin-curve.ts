/** A curve's points in the order in which it is drawn. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** How a value lies along an axis: 0 at its one end, 1 at its other. */
export type AxisPosition = (value: number) => number;

/** Steps that an axis is looked at in; a figure is as many pixels wide, more or less. */
const STEPS = 300;

/**
 * Leaves out the points that no eye could tell from the last one kept: those less than a 300th of either axis away. The
 * first and the last point stay. A curve that only rises keeps at most 600 points and two.
 */
export function thinCurve(curve: Curve, xPosition: AxisPosition, yPosition: AxisPosition): Curve {
  const kept: number[] = [];
  let lastX = Number.NaN;
  let lastY = Number.NaN;
  for (let point = 0; point < curve.x.length; point++) {
    const x = xPosition(curve.x[point] ?? 0) * STEPS;
    const y = yPosition(curve.y[point] ?? 0) * STEPS;
    const isEnd = point === 0 || point === curve.x.length - 1;
    if (!isEnd && Math.abs(x - lastX) < 1 && Math.abs(y - lastY) < 1) continue;
    kept.push(point);
    lastX = x;
    lastY = y;
  }
  return {
    x: Float64Array.from(kept, (point) => curve.x[point] ?? 0),
    y: Float64Array.from(kept, (point) => curve.y[point] ?? 0),
  };
}
