import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html, Markup } from "./markup.ts";

/** Colours are the page's, so that one drawing serves a light and a dark page. */
export const NORMAL_COLOUR = "var(--normal)";
export const ATTACK_COLOUR = "var(--attack)";
export const THRESHOLD_COLOUR = "var(--threshold)";

/** Units across a drawing. A page shows it from 0.8 to 1.3 times as wide, so text of 13 is 10 pixels or more. */
const DRAWING_WIDTH = 470;
const TEXT_SIZE = 13;

/** Drawn on the server: Plot needs a document to make elements in, and no browser. */
const { document } = parseHTML("<!doctype html><html><body></body></html>");

/**
 * Draws a plot as SVG that needs no script and no style but the page's. `alternative` says in words what one sees; what is
 * inside is hidden from screen readers.
 */
export function drawFigure(options: Plot.PlotOptions, alternative: string): Markup {
  const drawing = Plot.plot({
    width: DRAWING_WIDTH,
    marginLeft: 56,
    marginTop: 34,
    marginBottom: 42,
    marginRight: 20,
    ...options,
    document,
  });
  // Plot's own style sheet is the same for every drawing, and says what the page's says.
  drawing.querySelector("style")?.remove();
  drawing.removeAttribute("class");
  drawing.removeAttribute("style");
  drawing.removeAttribute("font-family");
  drawing.setAttribute("font-size", String(TEXT_SIZE));
  for (const group of drawing.querySelectorAll("[aria-label]")) group.removeAttribute("aria-label");
  for (const name of ["width", "height"]) drawing.removeAttribute(name);
  const inside = roundNumbers(drawing.innerHTML);
  const box = drawing.getAttribute("viewBox") ?? "";
  return html`<svg role="img" aria-label="${alternative}" viewBox="${box}" font-size="${TEXT_SIZE}" text-anchor="middle" fill="currentColor">${new Markup(inside)}</svg>`;
}

/** Hundredths of a unit are finer than any screen. Text in a drawing is left as it is. */
function roundNumbers(svg: string): string {
  return svg.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100)),
  );
}
