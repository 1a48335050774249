import { goflow2Record } from "@oddflow/flow-sources";
import type { JoinedValues } from "@oddflow/stream";

const OPEN = 123;
const encoder = new TextEncoder();

/** The JSON of a value: of a message of goflow2's the line that it would write of it, of anything else the value itself. */
export function recordText(value: Uint8Array): Uint8Array {
  const line = value[0] === OPEN ? undefined : goflow2Record(value);
  return line === undefined ? value : encoder.encode(line);
}

function joinTexts(texts: readonly Uint8Array[]): JoinedValues {
  const ends = new Uint32Array(texts.length);
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const [k, text] of texts.entries()) {
    bytes.set(text, at);
    at += text.length;
    ends[k] = at;
  }
  return { bytes, ends };
}

/** The same with messages of goflow2's as JSON. */
export function asJson(values: JoinedValues): JoinedValues {
  const { bytes, ends } = values;
  const isText = ends.every((end, k) => {
    const start = ends[k - 1] ?? 0;
    return start === end || bytes[start] === OPEN;
  });
  if (isText) return values;
  return joinTexts(Array.from(ends, (end, k) => recordText(bytes.subarray(ends[k - 1] ?? 0, end))));
}
