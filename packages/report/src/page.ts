import { html, Markup } from "./markup.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** Nothing is loaded and no script runs, even if something slipped through the escaping. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** What every page has. */
export interface PageParts {
  readonly title: string;
  /** What stands under the title, such as `["Seed", "1"]`. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly main: readonly (Markup | undefined)[];
}

/** An HTML page that needs nothing beside it: no script, no font, no network. It follows the reader's light or dark scheme. */
export function renderPage({ title, facts, main }: PageParts): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div> `)}</dl>
</header>
<main>
${main.map(
  (part) => html`${part}
`,
)}</main>
</body>
</html>
`;
  return page.text;
}

/** A heading and what stands under it; nothing when there is nothing. */
export function section(heading: string, ...contents: readonly (Markup | undefined)[]): Markup | undefined {
  if (contents.every((content) => content === undefined)) return undefined;
  return html`<section>
<h2>${heading}</h2>
${contents}
</section>`;
}

export function grid(kind: string, contents: readonly (Markup | undefined)[]): Markup | undefined {
  const present = contents.filter((content) => content !== undefined);
  if (present.length === 0) return undefined;
  return html`<div class="${kind}">${present.map((content) => html`<div>${content}</div>`)}</div>`;
}
