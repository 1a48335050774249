const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const FOUR_FIGURES = new Intl.NumberFormat("en-US", {
  minimumSignificantDigits: 4,
  maximumSignificantDigits: 4,
});
const FIGURES = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });

/** A number and its sign stay on one line. */
const PERCENT = "\u00a0%";

/** A whole number with a comma before every three digits. */
export function countText(count: number): string {
  return COUNT.format(count);
}

/** A share of 0 to 1 in percent: one decimal, or two significant digits below 1 %. Only nothing is 0 %, only all is 100 %. */
export function percentText(share: number): string {
  const percent = 100 * share;
  if (share === 0 || share === 1) return `${percent}${PERCENT}`;
  if (percent < 0.001) return `under 0.001${PERCENT}`;
  if (percent >= 99.99) return `over 99.99${PERCENT}`;
  if (percent < 1) return `${Number(percent.toPrecision(2))}${PERCENT}`;
  if (percent <= 99.9) return `${percent.toFixed(1)}${PERCENT}`;
  return `${(Math.floor(percent * 100) / 100).toFixed(2)}${PERCENT}`;
}

/** A share that somebody chose, or a mark on an axis, in as few digits as it has: 0.05 is "5 %". */
export function plainPercentText(share: number): string {
  return `${Number((100 * share).toPrecision(3))}${PERCENT}`;
}

/** "1 in 2,500", in two digits, for a share of 0 to 1. */
export function rarityText(share: number): string {
  if (share === 0) return "rarer than can be said";
  return `1 in ${countText(Number((1 / share).toPrecision(2)))}`;
}

/** A score or a loss in up to four significant digits. */
export function numberText(value: number): string {
  return inFigures(value, FIGURES);
}

/** A score in four significant digits, so that those of a column line up. */
export function scoreText(value: number): string {
  return inFigures(value, FOUR_FIGURES);
}

function inFigures(value: number, figures: Intl.NumberFormat): string {
  if (!Number.isFinite(value)) return value > 0 ? "above every score" : "not known";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(3) : figures.format(value);
}

/** A for the first threshold: a short name that fits on a figure. After Z numbers go on. */
export function thresholdLetter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : String(index + 1);
}
