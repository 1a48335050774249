import * as Plot from "@observablehq/plot";

/** The space around every plot, in pixels: drawings that lie over each other must agree. */
export const MARGIN = { left: 52, right: 16, top: 26, bottom: 34 } as const;

/** Colours are the page's, so that one drawing serves a light and a dark page. */
export const FLOWS_COLOUR = "var(--normal)";
export const ALARMS_COLOUR = "var(--attack)";

const TEXT_SIZE = 12;

/** Draws a plot as SVG that brings no style of its own: the page's policy takes none. Hidden from screen readers. */
export function drawChart(options: Plot.PlotOptions): SVGSVGElement {
  const drawing = Plot.plot({
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    ...options,
  }) as SVGSVGElement;
  drawing.querySelector("style")?.remove();
  drawing.removeAttribute("class");
  drawing.setAttribute("font-size", String(TEXT_SIZE));
  drawing.setAttribute("font-family", "inherit");
  drawing.setAttribute("fill", "currentColor");
  drawing.setAttribute("aria-hidden", "true");
  for (const group of drawing.querySelectorAll("[aria-label]")) group.removeAttribute("aria-label");
  return drawing;
}

/** The x of a place (0 to 1) across a drawing of a width, in pixels. */
export function xOfPlace(place: number, width: number): number {
  return MARGIN.left + place * (width - MARGIN.left - MARGIN.right);
}

/** The place (0 to 1) of an x. */
export function placeOfX(x: number, width: number): number {
  return Math.min(1, Math.max(0, (x - MARGIN.left) / (width - MARGIN.left - MARGIN.right)));
}
