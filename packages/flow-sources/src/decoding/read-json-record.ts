import type { FlowRecord, RecordProblem } from "@oddflow/preprocessing";
import { DEEPEST_NESTING, endOfValue } from "./json-bytes.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A text, or one of the words for numbers that JSON itself does not have. */
const TEXT_OR_NUMBER_WORD = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])(?:NaN|-?Infinity)(?![\w.+-])/gs;

/** Half of a surrogate pair may be there. */
const SURROGATE = /\\u[dD][89a-fA-F]/;

/** A whole surrogate pair, half of one, or any other escape. */
const ESCAPE =
  /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\./gs;

const LONGEST_SHOWN = 40;

/** A record, or why the text is none. */
export type JsonReading = { readonly record: FlowRecord } | { readonly problem: RecordProblem };

/**
 * Reads the JSON of one record: UTF-8, without space around it. The rules are the same in every door:
 * - the grammar is RFC 8259's, so no comma before a closing bracket; objects and lists to `DEEPEST_NESTING`;
 * - NaN is missing, Infinity and -Infinity are infinities, as Python's `json` writes them;
 * - of a name that stands there twice the last counts;
 * - half of a surrogate pair is U+FFFD.
 */
export function readJsonRecord(bytes: Uint8Array): JsonReading {
  const text = decodeUtf8(bytes);
  if (text === undefined) return invalid("bytes that are not UTF-8", "JSON in UTF-8");
  let value: unknown;
  try {
    value = parseJson(withWholeLetters(text));
  } catch {
    return invalid(shorten(text) || "nothing", "JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalid(
      value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`,
      "an object",
    );
  }
  if (bytes.length > DEEPEST_NESTING && endOfValue(bytes, bytes.length, 0) < 0) {
    return invalid(`more than ${DEEPEST_NESTING} lists and objects in one another`, "a flow's fields");
  }
  return { record: value as FlowRecord };
}

/** JSON text in which half of a surrogate pair, which UTF-8 cannot hold, is U+FFFD. */
export function withWholeLetters(text: string): string {
  if (!SURROGATE.test(text)) return text;
  return text.replace(ESCAPE, (found, half: string | undefined) => (half === undefined ? found : "\\ufffd"));
}

/** What a message shows of a text. */
function shorten(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 3)}...` : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const plain = text.replace(TEXT_OR_NUMBER_WORD, (found) => {
      if (found.startsWith('"')) return found;
      return found === "NaN" ? "null" : found.replace("Infinity", "1e999");
    });
    if (plain === text) throw cause;
    return JSON.parse(plain);
  }
}

function invalid(found: string, expected: string): JsonReading {
  return { problem: { code: "RECORD_INVALID", found, expected } };
}
