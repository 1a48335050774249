import { type ColumnSpec, contextWords } from "@oddflow/preprocessing";
import { codedValue, type ExpectedValue, type SeenValue } from "./seen-value.ts";

/** What there is to say of one column of a flow. */
interface ReasonFacts {
  readonly column: ColumnSpec;
  readonly seen: SeenValue;
  readonly expected: ExpectedValue;
  /** The share of usual flows whose error in the column is as large; null where it is not known. */
  readonly rarity: number | null;
  /** How many held-back flows the rarity was counted on. */
  readonly heldBack: number;
}

/** Longer texts are cut: a reason is read at a glance. */
const LONGEST_TEXT = 40;

/** Where an expectation is at most this many deviations below zero, zero is meant: the network knows no bounds. */
const NEAR_ZERO = 0.5;

/**
 * One line of plain English, such as `dbytes 4.2 M, usually about 1,100 (1 in 900 flows is this far off)` or
 * `service "ftp-data", usually "dns"`. "Usually" is for a flow whose other columns are like these.
 */
export function describeReason(facts: ReasonFacts): string {
  const { column, seen, rarity, heldBack } = facts;
  const start = describeSeen(column, seen);
  const standIn = standInFor(column);
  const compared = seen ?? standIn;
  const readAs = seen === null && standIn !== null ? `, read as ${valueWords(column, standIn)}` : "";
  return `${start}${readAs}, ${expectationWords(facts, compared)}${rarityWords(rarity, heldBack)}`;
}

/** A column and what a flow has there, such as `dbytes 4.2 M`, `state missing`, `service "gopher" (rare or new)` or `flows from the source within 60 s: 5`. */
export function describeSeen(column: ColumnSpec, seen: SeenValue): string {
  const counted = contextWords(column.name);
  const name = counted === undefined ? printable(column.name) : `${counted}:`;
  return `${name} ${seen === null ? "missing" : valueWords(column, seen)}`;
}

/** What a missing value is compared as; null where missing is a value of its own. */
function standInFor(column: ColumnSpec): SeenValue {
  if (column.kind === "number") return codedValue(column, column.median);
  return column.missingCode > column.vocabulary.length ? null : codedValue(column, column.missingCode);
}

function expectationWords({ column, expected }: ReasonFacts, compared: SeenValue): string {
  if (typeof expected === "number" && typeof compared === "number" && column.kind === "number") {
    const plausible = expected < 0 && compared >= 0 && isNearZero(column, expected) ? 0 : expected;
    const seen = numberWords(compared, seenDigits(compared));
    for (const round of [roundExpected(plausible, compared), ...[2, 3, 4, 5].map(toDigits(plausible))]) {
      if (numberWords(round, 6) !== seen) return `usually about ${numberWords(round, 6)}`;
    }
    return "close to what is usual";
  }
  if (expected === null) return compared === null ? "only weakly expected" : "usually missing";
  if (typeof expected === "object") {
    return compared !== null && typeof compared === "object"
      ? "only weakly expected"
      : "usually some other value";
  }
  // The likeliest value is the one that was seen, and the model was less sure of it than it usually is.
  if (expected === compared) return "only weakly expected";
  return `usually ${valueWords(column, expected)}`;
}

function isNearZero(column: ColumnSpec, value: number): boolean {
  const isLogarithmic = column.kind === "number" && column.transform === "signed-log1p";
  const distance = isLogarithmic ? Math.log1p(Math.abs(value)) : Math.abs(value);
  return distance <= NEAR_ZERO * column.scale;
}

function rarityWords(rarity: number | null, heldBack: number): string {
  if (rarity === null) return "";
  if (rarity <= 0) {
    return ` (less than 1 in ${numberWords(floorToTwoDigits(heldBack), 6)} flows is this far off)`;
  }
  if (rarity >= 0.95) return " (nearly all flows are this far off)";
  if (rarity >= 0.15) return ` (${Math.round(rarity * 10)} in 10 flows are this far off)`;
  return ` (1 in ${numberWords(Math.round(toDigits(1 / rarity)(2)), 6)} flows is this far off)`;
}

function valueWords(column: ColumnSpec, value: NonNullable<SeenValue>): string {
  if (typeof value === "number") return numberWords(value, seenDigits(value));
  if (typeof value === "string") return quote(value);
  const isText = column.kind === "category" && column.valueType === "text";
  if (value.unseen === null) return "a rare or new value";
  return `${isText ? quote(value.unseen) : printable(value.unseen)} (rare or new)`;
}

/** All digits of a whole number below a million; three, and those before the point, of others. */
function seenDigits(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6) return 3;
  return Number.isInteger(value) ? 6 : Math.max(3, Math.trunc(magnitude).toString().length);
}

/** To two digits, between 10 and 1,000 to whole numbers; to one digit where whole numbers are seen, or to 0. */
function roundExpected(value: number, seen: number): number {
  const magnitude = Math.abs(value);
  if (magnitude >= 10 && magnitude < 1000) return Math.round(value);
  if (magnitude >= 10 || !Number.isInteger(seen)) return toDigits(value)(2);
  return magnitude < 0.05 ? 0 : toDigits(value)(1);
}

function toDigits(value: number): (digits: number) => number {
  return (digits) => Number(value.toPrecision(digits));
}

function floorToTwoDigits(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.floor(count / unit) * unit;
}

/** A number with thousands separators; millions and more with their letter. */
function numberWords(value: number, digits: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e15 || (magnitude > 0 && magnitude < 1e-4)) {
    return Number(value.toPrecision(Math.min(digits, 3))).toExponential();
  }
  const [unit, letter] = UNITS.find(([size]) => magnitude >= size) ?? [1, ""];
  // No negative zero.
  return `${toDigitsWithSeparators(digits).format(value / unit + 0)}${letter}`;
}

/** Made once for each number of digits: making one takes longer than a thousand numbers. */
const formats = new Map<number, Intl.NumberFormat>();

function toDigitsWithSeparators(digits: number): Intl.NumberFormat {
  const known = formats.get(digits) ?? new Intl.NumberFormat("en-US", { maximumSignificantDigits: digits });
  formats.set(digits, known);
  return known;
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, " T"],
  [1e9, " G"],
  [1e6, " M"],
];

function quote(text: string): string {
  return `"${printable(text)}"`;
}

/** What a terminal might obey, or what would break the line, is shown by its code; long texts are cut. */
function printable(text: string): string {
  const cut = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 3)}...` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}
