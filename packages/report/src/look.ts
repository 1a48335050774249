/** What every page of Oddflow's has in common: colours, how numbers are written, axes. Runs in a browser. */
export { visibleText } from "./markup.ts";
export {
  countText,
  numberText,
  percentText,
  plainPercentText,
  rarityText,
  scoreText,
} from "./number-text.ts";
export type { ValueAxis } from "./value-axis.ts";
export { binEdges, binShares, valueAxis } from "./value-axis.ts";
