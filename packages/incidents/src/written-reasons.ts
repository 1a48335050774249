import type { AlarmReason } from "./alarm.ts";

/** What Zeek's logs write for a letter that means something there. */
const ZEEK_CODE = /\\x([0-9a-f]{2})/gi;

/**
 * The names of `top_columns`: a list, JSON text of one, or text with commas between them, as Zeek's logs and CSV have it. Empty where there
 * are none.
 */
export function writtenColumns(value: unknown): readonly string[] {
  if (typeof value !== "string") return namesOf(value);
  if (value.startsWith("[")) return namesOf(parsedJson(value));
  const names = value.split(",").map((name) => name.trim());
  return names
    .filter((name) => name !== "" && name !== "-" && name !== "(empty)")
    .map((name) =>
      name.replace(ZEEK_CODE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    );
}

/**
 * What `reasons` says: a list of objects, or JSON text of one. Empty where it says nothing.
 * @param score of the flow, of which a reason has a share
 */
export function writtenReasons(value: unknown, score: number): readonly AlarmReason[] {
  const list = typeof value === "string" ? parsedJson(value) : value;
  if (!Array.isArray(list)) return [];
  return list.flatMap((reason: unknown) => {
    if (typeof reason !== "object" || reason === null) return [];
    const { name, share, text }: { name?: unknown; share?: unknown; text?: unknown } = reason;
    if (typeof name !== "string" || typeof text !== "string") return [];
    const error = typeof share === "number" ? share * score : 0;
    return [{ column: name, error: Number.isFinite(error) ? error : 0, text }];
  });
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string" && name !== "") : [];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
