import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { LiveContext } from "../src/live-context.ts";
import { type OpenedModel, openBytes } from "../src/opened-model.ts";
import { FlowSums } from "../src/pipe/flow-sums.ts";
import type { StreamModel } from "../src/pipe/stream-scoring.ts";
import { RecordModels } from "../src/stream/record-models.ts";
import { constantModel, metadata } from "./constant-model.ts";
import { fatesOf } from "./record-fates.ts";

const place = { path: "model.onnx", trust: undefined, provider: "cpu", threads: 1 } as const;
/** What each gives as its flows' score; the last has other columns. */
const scores = [1, 2, 3] as const;
const opened: OpenedModel[] = await Promise.all(
  scores.map((score) => openBytes(constantModel(score, score === 3 ? 5 : undefined), place)),
);
afterAll(async () => {
  for (const { scorer } of opened) await scorer.close();
});

function modelOf(score: number): StreamModel {
  const model = opened[score - 1];
  if (model === undefined) throw new Error(`no model ${score}`);
  return { ...model, threshold: 1.5 };
}

async function begin(): Promise<{ readonly models: RecordModels; readonly sums: FlowSums }> {
  const first = modelOf(1);
  const sums = new FlowSums(first.scorer.columns);
  const context = await LiveContext.open(first.scorer, undefined);
  const written = { top: 0, reasons: 0, fields: "all" } as const;
  const options = { threads: 2, written, context, sums, onScored: () => undefined };
  return { models: new RecordModels(first, options, "topic flows"), sums };
}

const value = (number: number): Buffer =>
  Buffer.from(JSON.stringify({ number, dur: 0.5, [metadata.spec.columns[0]?.name ?? ""]: 1 }));

test("each batch is scored whole by the model that came before it, and no record is lost between two", async () => {
  const step = fc.oneof(
    fc.record({ flows: fc.nat(60) }),
    fc.constantFrom(...scores).map((score) => ({ score })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
      const { models, sums } = await begin();
      let [number, score] = [0, 1];
      const expected: [number, number][] = [];
      const done: Promise<unknown>[] = [];
      const fates = [];
      for (const own of steps) {
        if ("score" in own) {
          score = own.score;
          done.push(models.change(modelOf(score)));
          continue;
        }
        const values = Array.from({ length: own.flows }, () => {
          expected.push([number, score]);
          return value(number++);
        });
        fates.push(fatesOf(models, values));
      }
      const found = (await Promise.all(fates)).flat().map((fate) => {
        if (!("text" in fate)) throw new Error(JSON.stringify(fate));
        const flow = JSON.parse(fate.text);
        return [flow.number, flow.score, flow.is_anomaly];
      });
      await Promise.all(done);
      await models.close();
      expect(found).toEqual(expected.map(([own, of]) => [own, of, of > 1.5]));
      expect([sums.flows, sums.alerts]).toEqual([number, expected.filter(([, of]) => of > 1.5).length]);
    }),
    { numRuns: 6 },
  );
});

test("a model that flows have no column of is refused, and the former one goes on", async () => {
  const { models } = await begin();
  const other = modelOf(2);
  const [column] = other.scorer.columns;
  if (column === undefined) throw new Error("no column");
  const columns = [{ ...column, name: "never" }];
  const scorer = Object.assign(Object.create(other.scorer), { columns, ownColumns: columns });
  await fatesOf(models, [value(0)]);
  await expect(models.change({ ...other, scorer })).rejects.toMatchObject({
    code: "COLUMNS_MISSING",
    message: expect.stringContaining("the records of topic flows have none of the model's 1 columns"),
  });
  const [fate] = await fatesOf(models, [value(1)]);
  expect(fate !== undefined && "text" in fate && JSON.parse(fate.text)).toMatchObject({
    number: 1,
    score: 1,
  });
  await models.close();
});
