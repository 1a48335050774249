/** Longer names are cut: a title is read at a glance. */
const LONGEST_NAME = 60;

/** What a terminal might obey, or what would break the line, by its code. */
export function printableText(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}

/** The same of a name, cut where it is long. */
export function shortName(text: string): string {
  return printableText(shortened(text, LONGEST_NAME));
}

/** A text's beginning, without half a letter at its end. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 3).replace(/[\ud800-\udbff]$/, "")}...`;
}
