import { PALETTE } from "./palette.ts";

/** The page's style sheet. */
export const PAGE_STYLE: string = `
${PALETTE.trim()}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff;
    --ink: #000000;
    --faint-ink: #404040;
    --line: #b0b0b0;
    --panel: #ffffff;
    --normal: #0072b2;
    --attack: #c4450c;
    --threshold: #000000;
  }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; -webkit-text-size-adjust: 100%; }
body { max-width: 75rem; margin: 0 auto; padding: 1.5rem 1.5rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0 0 .25rem; }
.facts { display: flex; flex-wrap: wrap; gap: .1rem 1.5rem; margin: 0; color: var(--faint-ink); font-size: .9rem; }
.facts div { display: flex; gap: .4rem; }
.facts dd { margin: 0; color: var(--ink); font-variant-numeric: tabular-nums; }
.summary { font-size: 1.15rem; max-width: 48rem; margin: 1.25rem 0 1rem; }
.key-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin: 0; }
.key-figures div { background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .7rem 1rem .8rem; }
.key-figures dt { color: var(--faint-ink); font-size: .9rem; }
.key-figures dd { margin: 0; }
.key-figures b { display: block; font-size: 1.9rem; line-height: 1.25; font-weight: 600; font-variant-numeric: tabular-nums; }
.key-figures span { color: var(--faint-ink); font-size: .9rem; }
.figures + details { margin-top: 1.75rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2rem 2.5rem; align-items: start; }
.tables, .tables + .figures { margin-top: 1.75rem; }
figure { margin: 0; min-width: 0; }
svg { display: block; width: 100%; max-width: 38rem; height: auto; font-variant-numeric: tabular-nums; overflow: visible; }
svg text { white-space: pre; }
figcaption { color: var(--faint-ink); font-size: .9rem; max-width: 38rem; margin-top: .25rem; }
figcaption b { color: var(--ink); font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0 0 .4rem; font-size: .9rem; }
.legend span { display: inline-flex; align-items: center; gap: .4rem; }
.legend i { --sample: currentColor; display: inline-block; width: 1.3rem; border-top: 2px solid var(--sample); }
.legend .normal { --sample: var(--normal); }
.legend .attack { --sample: var(--attack); }
.legend .threshold { --sample: var(--threshold); }
.legend .dashes { border-top-style: dashed; }
.legend .dots { border-top-style: dotted; }
.legend .area { height: .8rem; border: 1.5px solid var(--sample); background: color-mix(in srgb, var(--sample) 30%, transparent); }
.legend .dot, .legend .ring { width: .75rem; height: .75rem; border: 2px solid var(--sample); border-radius: 50%; }
.legend .dot { background: var(--sample); }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem 2.5rem; align-items: start; }
.scroll { overflow-x: auto; min-width: 0; }
.scroll + .scroll { margin-top: 1.25rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left; }
th:first-child { padding-left: 0; }
td:last-child, thead th:last-child { padding-right: 0; }
th { font-weight: 600; }
tbody th { font-weight: 400; overflow-wrap: break-word; max-width: 20rem; }
thead th { color: var(--faint-ink); font-weight: 400; vertical-align: bottom; }
.number { text-align: right; }
td.text { overflow-wrap: anywhere; min-width: 6rem; }
td.text:last-child { min-width: 13rem; }
small { color: var(--faint-ink); font-size: .85em; }
.note { color: var(--faint-ink); font-size: .9rem; max-width: 48rem; margin: 0 0 1rem; }
td ol { margin: 0; padding-left: 1.2rem; }
details { border-top: 1px solid var(--line); padding: .6rem 0; }
summary { cursor: pointer; font-weight: 600; }
details .scroll { margin-top: .6rem; }
@media (max-width: 40rem) {
  body { padding: 1rem 1rem 2rem; }
  .key-figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .6rem; }
  .key-figures div { padding: .5rem .7rem .6rem; }
  .key-figures b { font-size: 1.5rem; }
  table { font-size: .85rem; }
  th, td { padding: .3rem .35rem; }
  .folds, .folds thead, .folds tbody, .folds caption { display: block; }
  .folds tr { display: grid; grid-template-columns: 3fr 3fr 5fr 4fr; column-gap: .8rem; border-bottom: 1px solid var(--line); }
  .folds th, .folds td { border: 0; padding: .3rem 0; text-align: left; }
  .folds td:last-child, .folds thead th:last-child { grid-column: 1 / -1; padding-top: 0; }
}
@page { margin: 14mm; }
@media print {
  html { font-size: 10px; }
  .legend i { print-color-adjust: exact; }
  body { max-width: none; padding: 0; }
  .figures, .tables { grid-template-columns: 1fr 1fr; gap: 1rem 1.5rem; }
  figure, tr, .key-figures div { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; display: block; }
}
`;
