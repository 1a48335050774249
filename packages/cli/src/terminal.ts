/*
 * The one way of text to the terminal. Names and values come from strangers' files and may hold what a terminal takes for
 * commands, or for another direction of writing.
 */

/** Control characters but for tab and line end, and what turns the direction of text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Writes to standard output. What a terminal must not see is written as JSON does it, `\u001b`, so JSON stays what it is. */
export function print(text: string): void {
  process.stdout.write(printable(text));
}

/** Writes to standard error, as `print` does. */
export function complain(text: string): void {
  process.stderr.write(printable(text));
}

/** A name or a message on one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/[\t\n]/g, escaped);
}

function printable(text: string): string {
  return text.replace(UNSEEN, escaped);
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
