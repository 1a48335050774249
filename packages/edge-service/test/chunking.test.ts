import fc from "fast-check";
import { expect, test } from "vitest";
import {
  FLOWS,
  inPieces,
  JSON_ARRAY,
  NDJSON,
  openShippedModel,
  post,
  serviceOf,
  toLines,
} from "./post-flows.ts";

const scorer = await openShippedModel();
// Small batches and records, so that few flows make many of them, and limits that a few of them pass.
const limits = { batch: 4, recordBytes: 300, records: 12, bodyBytes: 3000 };
const service = serviceOf(scorer, { limits });

const lineEnd = fc.constantFrom("\n", "\r\n");
const record = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...FLOWS).map((flow) => JSON.stringify(flow)) },
  fc.constantFrom(
    '{"dur":"soon"}',
    "5",
    '{"dur":1}x',
    '"\ud83d\ude00"',
    `{"note":"${"é".repeat(140)}"}`,
    "{",
    '{"dur":[1,"]"]}',
  ),
);
const cell = fc.constantFrom("", "1", "tcp", '"a,b"', '"a\nb"', '"é ""q"""', "x", "0.5");

const body = fc.oneof(
  fc
    .tuple(fc.array(fc.oneof(record, fc.constant("")), { maxLength: 14 }), lineEnd, fc.boolean())
    .map(([lines, end, isEnded]) => ({ type: NDJSON, text: lines.join(end) + (isEnded ? end : "") })),
  fc
    .tuple(
      fc.array(record, { maxLength: 14 }),
      fc.constantFrom("]", "", "] ", "]x"),
      fc.constantFrom("", " \r\n"),
    )
    .map(([elements, close, space]) => ({
      type: JSON_ARRAY,
      text: `${space}[${elements.join(`${space},`)}${close}`,
    })),
  fc.tuple(fc.array(fc.tuple(cell, cell, cell), { maxLength: 12 }), lineEnd).map(([rows, end]) => ({
    type: "text/csv",
    text: [["dur", "protocol", "note"], ...rows].map((row) => row.join(",") + end).join(""),
  })),
);

test("however a body is cut into pieces, its answer is the same, byte for byte", async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, fc.array(fc.nat(400), { maxLength: 12 }), async ({ type, text }, cuts) => {
      const bytes = new TextEncoder().encode(text);
      const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
      const pieces = [0, ...places].map((start, i) => bytes.slice(start, places[i] ?? bytes.length));
      const query = type === "text/csv" ? "?missing=allow" : "";
      const whole = await post(service, bytes, { type, query });
      const cut = await post(service, inPieces(pieces), { type, query });
      statuses.add(whole.status);
      expect(cut.status).toBe(whole.status);
      expect(await cut.text()).toBe(await whole.text());
    }),
    {
      numRuns: 250,
      // One of each status, whatever chance brings.
      examples: ['{"dur":1}', "no JSON", '{"dur":"x"}', `{"note":"${"é".repeat(200)}"}`].map((text) => [
        { type: NDJSON, text },
        [3],
      ]),
    },
  );
  expect([...statuses].sort()).toEqual([200, 400, 413, 422]);
});

test("lines may end in either way, or the last one not at all", async () => {
  const lines = toLines(FLOWS);
  const wanted = await (await post(service, lines)).text();
  for (const same of [
    lines.replaceAll("\n", "\r\n"),
    lines.trimEnd(),
    `\ufeff${lines}`,
    `\r\n${lines}\n\n`,
  ]) {
    expect(await (await post(service, same)).text()).toBe(wanted);
  }
});
