import { insertAt, mutateBytes } from "./byte-mutations.ts";
import type { Choices } from "./seeded-choices.ts";

const MOST_EDITS = 3;

/** What CSV, JSON lines and Zeek's logs are cut by. */
const BOUNDARIES: ReadonlySet<number> = new Set(Buffer.from(',\t\n":{}[]'));

/** What stands in files now and then, and what parsers go wrong on. */
const ODD_TEXTS: readonly (() => string)[] = [
  ...["", "-", "nan", "NaN", "Infinity", "-inf", "null", "true", "1e999", "-1e-999", "0x10", "1,5", "1_000"],
  ...[
    "9007199254740993",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1.7976931348623159e308",
  ],
  ...[
    '"',
    '""',
    "'",
    "\\",
    "\\u",
    "\\ud800",
    "\r",
    "\n",
    "\r\n",
    "\t",
    ",",
    ";",
    "|",
    "\0",
    "\u2028",
    "\ufeff",
    " ",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    "[]",
    "{}",
    ",}",
    ":",
    "//",
    "#",
    "#fields\t",
    "#separator \\x09\n",
    "#types\tcount\n",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    '"score":1,',
    '"score":1,"score":2,',
    "=1+1",
    "\u001b[31m",
    "e\u0301",
  ],
].map((text) => () => text);

/** Things that only their size makes odd. */
const LARGE_TEXTS: readonly (() => string)[] = [
  () => "9".repeat(5000),
  () => `0.${"1".repeat(5000)}`,
  () => "x".repeat(100_000),
  () => "[".repeat(50_000),
  () => '{"a":'.repeat(20_000),
  () => `${'{"a":'.repeat(500)}1${"}".repeat(500)}`,
  () => ",".repeat(20_000),
  () => "\n".repeat(20_000),
  () => '"'.repeat(9999),
];

/** A copy of a text with up to three of its parts replaced by odd ones or odd ones put between; sometimes of its bytes. */
export function mutateText(text: Uint8Array, choices: Choices): Buffer {
  if (choices.below(4) === 0) return mutateBytes(text, choices);
  let mutated: Buffer = Buffer.from(text);
  for (let edits = 1 + choices.below(MOST_EDITS); edits > 0; edits--) {
    const odd = Buffer.from(choices.of(choices.below(20) === 0 ? LARGE_TEXTS : ODD_TEXTS)());
    const place = choices.below(mutated.length + 1);
    if (choices.below(2) === 0) mutated = insertAt(mutated, place, odd);
    else {
      const [start, end] = partAround(mutated, place);
      mutated = insertAt(Buffer.concat([mutated.subarray(0, start), mutated.subarray(end)]), start, odd);
    }
  }
  return mutated;
}

/** From one boundary to the next: a cell, a key, a number. */
function partAround(text: Buffer, place: number): [number, number] {
  let start = place;
  let end = place;
  while (start > 0 && !BOUNDARIES.has(text[start - 1] as number)) start--;
  while (end < text.length && !BOUNDARIES.has(text[end] as number)) end++;
  return [start, end];
}
