import { html, type Markup, type MarkupValue } from "./markup.ts";

export interface FigureParts {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly legend?: Markup;
  readonly drawing: Markup;
  /** What one sees, in a sentence or two. */
  readonly caption: MarkupValue;
}

/** A figure with its title above and its caption below. */
export function figure({ id, title, legend, drawing, caption }: FigureParts): Markup {
  return html`
<figure id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${title}</h3>
${legend}
${drawing}
<figcaption>${caption}</figcaption>
</figure>`;
}

/** What a legend's sample looks like: a filled area, a line, or a dot. */
export type LegendEntry = readonly [
  look: "area" | "line" | "dashes" | "dots" | "dot" | "ring",
  kind: string,
  text: string,
];

/** Which colour and shape stands for what; `kind` is "normal", "attack" or "threshold". */
export function legend(entries: readonly LegendEntry[]): Markup {
  return html`<p class="legend">${entries.map(
    ([look, kind, text]) => html`<span><i class="${look} ${kind}" aria-hidden="true"></i>${text}</span> `,
  )}</p>`;
}

export interface TableParts {
  readonly caption: string;
  readonly headings: readonly string[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly MarkupValue[])[];
  /** Columns that hold text, from 0; the first always does, the others hold numbers. */
  readonly textColumns?: readonly number[];
  /** The last column gets a line of its own in a narrow window. */
  readonly foldsLast?: boolean;
}

/** A table that scrolls by itself where it is wider than the window. */
export function table({ caption, headings, rows, textColumns = [], foldsLast }: TableParts): Markup {
  const kind = (column: number): string => (column === 0 || textColumns.includes(column) ? "text" : "number");
  // The roles are the elements' own, said once more because a folded table is laid out as no table.
  return html`
<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
<table role="table"${foldsLast ? html` class="folds"` : undefined}>
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${headings.map(
    (heading, k) => html`<th role="columnheader" scope="col" class="${kind(k)}">${heading}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(
    ([first, ...rest]) => html`
<tr role="row"><th role="rowheader" scope="row">${first}</th>${rest.map(
      (cell, k) => html`<td role="cell" class="${kind(k + 1)}">${cell}</td>`,
    )}</tr>`,
  )}
</tbody>
</table>
</div>`;
}
