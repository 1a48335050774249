import type { ColumnCoding } from "@oddflow/preprocessing";
import { table } from "../figure.ts";
import { html, type Markup, shortText } from "../markup.ts";
import { countText } from "../number-text.ts";
import type { ReportData } from "../report-data.ts";

const LONGEST_VALUE = 200;
const LONGEST_LIST = 12;
const MOST_COLUMNS = 500;
/** A model file may come from anywhere, and its record is whatever JSON it holds. */
const MOST_ENTRIES = 500;
const DEEPEST = 6;

/** How the model came about and what it looks at, folded away; undefined when neither is known. */
export function trainingDetails({ training = {}, columns = [] }: ReportData): Markup | undefined {
  const entries = flatEntries(training).slice(0, MOST_ENTRIES);
  if (entries.length === 0 && columns.length === 0) return undefined;
  return html`${
    entries.length === 0
      ? undefined
      : html`<details><summary>How it was trained</summary>${table({ caption: "Training record of the model file", headings: ["what", "value"], rows: entries.map(([name, value]) => [shortText(name, LONGEST_VALUE), shortText(value, LONGEST_VALUE)]), textColumns: [1] })}</details>`
  }${
    columns.length === 0
      ? undefined
      : html`<details><summary>The ${countText(columns.length)} columns it looks at</summary>${table({
          caption: "Columns of the model",
          headings: ["column", "kind", "known values"],
          rows: columns
            .slice(0, MOST_COLUMNS)
            .map((column) => [shortText(column.name, LONGEST_VALUE), column.kind, knownValues(column)]),
          textColumns: [1],
        })}</details>`
  }`;
}

function knownValues(column: ColumnCoding): string {
  return column.kind === "category" ? countText(column.vocabulary.length) : "–";
}

/** Nested objects as "network.latent": 16, lists of objects as "cores.1.flows"; losses are the figure's. */
function flatEntries(record: object, prefix = "", depth = 0): [name: string, value: string][] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    const name = `${prefix}${Array.isArray(record) ? Number(key) + 1 : key}`;
    if (key === "epochs" && Array.isArray(value)) return [];
    if (isNested(value)) return depth < DEEPEST ? flatEntries(value, `${name}.`, depth + 1) : [];
    return [[name, valueText(value)]];
  });
}

function isNested(value: unknown): value is object {
  if (!Array.isArray(value)) return typeof value === "object" && value !== null;
  return value.length <= LONGEST_LIST && value.some((item) => typeof item === "object" && item !== null);
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (!Array.isArray(value)) return String(value);
  const plain = value.every((item) => typeof item !== "object" || item === null);
  return plain && value.length <= LONGEST_LIST ? value.join(", ") : `${countText(value.length)} values`;
}
