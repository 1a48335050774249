/** HTML that is safe to put into a page as it is. Only `html` and `svgMarkup` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type MarkupValue = Markup | string | number | undefined | readonly MarkupValue[];

/** Builds HTML. Strings and numbers are escaped, for text and for quoted attributes; undefined is nothing. */
export function html(pieces: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(pieces.map((piece, i) => piece + (i < values.length ? written(values[i]) : "")).join(""));
}

function written(value: MarkupValue): string {
  if (value instanceof Markup) return value.text;
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") return escapeHtml(visibleText(String(value)));
  return value.map(written).join("");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/**
 * Text from data as a page may show it: control characters, halves of characters, and those that turn the direction of
 * writing and so could make one name look like another, become the replacement character.
 */
export function visibleText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

/** The same, cut to `length` characters, for places that cannot grow. */
export function shortText(text: string, length: number): string {
  const characters = [...visibleText(text)];
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`;
}
