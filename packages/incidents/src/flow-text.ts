import { MISSING_TEXTS, numberOfText } from "@oddflow/preprocessing";

const missing = new Set(MISSING_TEXTS);

const SURROUNDING_SPACE = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/** A value as text, without space around it; null where it is missing, or is a list or an object. */
export function flowText(value: unknown): string | null {
  switch (typeof value) {
    case "string": {
      const text = value.replace(SURROUNDING_SPACE, "");
      return missing.has(text.toLowerCase()) ? null : text;
    }
    case "number":
      return Number.isNaN(value) ? null : String(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return null;
  }
}

/** A value as a number; NaN where it is missing or none. */
export function flowNumber(value: unknown): number {
  if (typeof value === "string") return numberOfText(value) ?? Number.NaN;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
}
