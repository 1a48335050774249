import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { goflow2Record } from "@oddflow/flow-sources";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FlowSums } from "../src/pipe/flow-sums.ts";
import type { PieceOptions } from "../src/pipe/piece-scorer.ts";
import { scoreStream } from "../src/score-stream.ts";
import { RecordThreads } from "../src/stream/record-threads.ts";
import { constantModel, metadata } from "./constant-model.ts";
import { fatesOf, type RecordFate } from "./record-fates.ts";
import { MODEL, ROOT } from "./run-cli.ts";

const model = readFileSync(MODEL);
const options: PieceOptions = { threshold: 3, top: 2, reasons: 1, fields: "all" };
let scorer: Scorer;
let threads: RecordThreads;
let sums: FlowSums;

beforeAll(async () => {
  scorer = await createScorer(model, { threads: 1 });
  sums = new FlowSums(scorer.columns);
  threads = new RecordThreads(2, { model, options, hashKey: undefined }, undefined, (counts) =>
    sums.add(counts),
  );
});
afterAll(async () => {
  await threads.close();
  await scorer.close();
});

function flow(i: number): Record<string, string | number> {
  const values = scorer.columns.map((column, k): [string, string | number] => [
    column.name,
    column.kind === "number"
      ? Math.round(1e6 * Math.abs(Math.sin((i + 1) * (k + 1)))) / 1e3
      : (column.vocabulary[(i * (k + 3)) % (column.vocabulary.length + 1)] ?? "never seen"),
  ]);
  return { uid: i, ...Object.fromEntries(values) };
}

/** Ways to write a flow. */
const WRITTEN: readonly ((i: number) => string)[] = [
  (i) => JSON.stringify(flow(i)),
  (i) => `${JSON.stringify(flow(i))}\n`,
  (i) => ` \t${JSON.stringify(flow(i))} \r\n\n`,
  (i) => JSON.stringify(flow(i), undefined, 2),
  (i) => JSON.stringify(flow(i), undefined, "\t").replaceAll("\n", "\r\n"),
  (i) => JSON.stringify({ id: "9007199254740993", ...flow(i), score: 7, is_anomaly: true }),
  (i) => JSON.stringify(flow(i)).replace('"uid"', '"u\\u0069d"'),
  (i) => JSON.stringify({ text: "Grüße \u{1f98a}", ...flow(i) }),
];

/** What is no flow, and what is said of it. */
const REFUSED: readonly (readonly [value: string | Uint8Array, reason: RegExp])[] = [
  ["", /empty/],
  [" \r\n", /empty/],
  ["soon", /no JSON/],
  ["[1,2]", /object/],
  ["7", /object/],
  ["null", /object/],
  ['{"dur":1', /no JSON/],
  ['{"dur":1}{"dur":2}', /no JSON/],
  ['{"dur":1}\n{"dur":2}', /no JSON/],
  ['{"dur":"soon"}', /column "dur": "soon" found, a number expected/],
  ['{"dur":{"s":1}}', /column "dur"/],
  ['{"who":"knows"}', /none of the model's columns/],
  ["{}", /none of the model's columns/],
  [Uint8Array.of(0xff, 0xfe, 0, 0x7b), /not UTF-8/],
  [Uint8Array.of(0x1f, 0x8b, 8, 0), /not UTF-8/],
];

/** What a pipe writes of the same record on one line. */
async function pipe(texts: readonly string[], by = scorer, how = options): Promise<string[]> {
  const lines = texts.map((text) => `${text.trim().replaceAll(/[\r\n]/g, " ")}\n`).join("");
  const output = new PassThrough();
  const written: Buffer[] = [];
  output.on("data", (part: Buffer) => written.push(part));
  await scoreStream(Readable.from([Buffer.from(lines)]), output, by, how);
  return Buffer.concat(written).toString().trimEnd().split("\n");
}

const textOf = (fate: RecordFate | undefined): string | undefined =>
  fate !== undefined && "text" in fate ? fate.text : undefined;

describe("each record comes to what a pipe makes of it, or to the reason why it cannot be scored", () => {
  test("however they are mixed and cut into batches", async () => {
    const kind = fc.oneof(
      { weight: 3, arbitrary: fc.record({ flow: fc.nat({ max: WRITTEN.length - 1 }) }) },
      { weight: 1, arbitrary: fc.record({ wrong: fc.nat({ max: REFUSED.length - 1 }) }) },
    );
    const batches = fc.array(fc.array(kind, { maxLength: 30 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        let number = 0;
        const records = given.map((batch) =>
          batch.map((own) => {
            const wrong = "wrong" in own ? REFUSED[own.wrong] : undefined;
            const text = "flow" in own ? (WRITTEN[own.flow]?.(number++) ?? "") : "";
            return { text, wrong, value: Buffer.from(wrong?.[0] ?? text) };
          }),
        );
        const before = sums.flows;
        const fates = await Promise.all(
          records.map((batch) =>
            fatesOf(
              threads,
              batch.map(({ value }) => value),
            ),
          ),
        );
        const all = records.flat();
        const expected = await pipe(
          ["{}", ...all.flatMap(({ text, wrong }) => (wrong ? [] : [text]))].slice(1),
        );
        let next = 0;
        for (const [k, fate] of fates.flat().entries()) {
          const reason = all[k]?.wrong?.[1];
          if (reason === undefined) expect(textOf(fate)).toBe(expected[next++]);
          else expect(fate).toEqual({ reason: expect.stringMatching(reason) });
        }
        expect(fates.map(({ length }) => length)).toEqual(records.map(({ length }) => length));
        expect(sums.flows - before).toBe(number);
      }),
      { numRuns: 20 },
    );
  });

  test("each kind by itself", async () => {
    const fates = await fatesOf(
      threads,
      WRITTEN.map((write, i) => Buffer.from(write(i))),
    );
    expect(fates.map(textOf)).toEqual(await pipe(WRITTEN.map((write, i) => write(i))));
    const refused = await fatesOf(
      threads,
      REFUSED.map(([value]) => Buffer.from(value)),
    );
    for (const [k, [, reason]] of REFUSED.entries())
      expect(refused[k]).toEqual({ reason: expect.stringMatching(reason) });
    expect(await fatesOf(threads, [])).toEqual([]);
  });

  test("what a sensor reports beside flows is left out", async () => {
    const event = (kind: string): Buffer =>
      Buffer.from(
        JSON.stringify({ timestamp: "2026-11-28T00:00:00Z", flow_id: 1, event_type: kind, dur: 1 }),
      );
    const [first, flow, last] = await fatesOf(threads, [event("dns"), event("flow"), event("http")]);
    expect([first, last]).toEqual([
      { leftOut: expect.stringContaining("dns") },
      { leftOut: expect.stringContaining("http") },
    ]);
    expect(textOf(flow)).toContain('"score":');
  });
});

test("goflow2's messages, with their length before them, are the lines that it would write of them", async () => {
  const columns = metadata.spec.columns.filter(({ kind }) => kind === "number").slice(0, 2);
  const [first, second] = columns;
  if (first === undefined || second === undefined) throw new Error("the model has no numbers");
  const named = [
    { ...first, name: "bytes" },
    { ...second, name: "packets" },
  ];
  const other = constantModel(1, 2, { ...metadata, spec: { ...metadata.spec, columns: named } });
  const plain = { ...options, top: 0, reasons: 0 };
  const own = new RecordThreads(1, { model: other, options: plain, hashKey: undefined }, undefined, () => {});
  const binary = readFileSync(join(ROOT, "fixtures/sensors/goflow2/protobuf/netflow-v5.bin"));
  const messages: Buffer[] = [];
  // Each is shorter than 128 bytes, so its length is one.
  for (let at = 0; at < binary.length; at += 1 + (binary[at] ?? 0))
    messages.push(binary.subarray(at, at + 1 + (binary[at] ?? 0)));
  expect(messages.length).toBeGreaterThan(3);
  const lines = messages.map((message) => goflow2Record(message) ?? "");
  const fates = await fatesOf(own, [
    ...messages,
    Buffer.from(lines[0] ?? ""),
    messages[0]?.subarray(1) ?? binary,
  ]);
  await own.close();
  const by = await createScorer(other, { threads: 1 });
  expect(fates.map(textOf)).toEqual(await pipe([...lines, lines[0] ?? "", lines[0] ?? ""], by, plain));
  await by.close();
});
