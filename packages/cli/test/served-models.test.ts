import { summariseScores } from "@oddflow/detector";
import { completeLimits, type ScoringService } from "@oddflow/edge-service";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { LiveContext } from "../src/live-context.ts";
import { type OpenedModel, openBytes, versionOf } from "../src/opened-model.ts";
import { ServedModels } from "../src/serve/served-models.ts";
import { constantModel, metadata } from "./constant-model.ts";

const place = { path: "model.onnx", trust: undefined, provider: "cpu", threads: 1 } as const;
const FEW_COLUMNS = 5;
const otherScores = summariseScores(Float32Array.from({ length: 1000 }, (_, k) => 1 + k / 500));
/** Of each its scores, which tell it: the last has other columns, and other thresholds. */
const files = new Map([
  [1, constantModel(1)],
  [2, constantModel(2)],
  [
    3,
    constantModel(3, FEW_COLUMNS, {
      ...metadata,
      thresholds: { ...metadata.thresholds, heldBack: otherScores },
    }),
  ],
]);
const versions = new Map([...files].map(([score, bytes]) => [versionOf(bytes), score]));
const opened: ServedModels[] = [];
afterAll(async () => {
  for (const models of opened) await models.close();
});

const open = (score: number): Promise<OpenedModel> => openBytes(files.get(score) ?? new Uint8Array(), place);

async function serve(
  threshold: { readonly share: number } | { readonly score: number },
): Promise<ServedModels> {
  const first = await open(1);
  const models = await ServedModels.start(first, {
    threads: 2,
    limits: completeLimits({ batch: 16 }),
    threshold,
    context: await LiveContext.open(first.scorer, undefined),
    service: {},
  });
  opened.push(models);
  return models;
}

const LINE = '{"protocol":"tcp","dur":0.5}\n';

function post(service: ScoringService, body: RequestInit["body"], query = ""): Promise<Response> {
  const init = { method: "POST", body, headers: { "content-type": "application/x-ndjson" }, duplex: "half" };
  return service.fetch(new Request(`http://service/score${query}`, init as RequestInit));
}

/** By which models a request's flows were scored. */
async function scoresOf(
  response: Response,
): Promise<{ readonly said: number | undefined; readonly scores: Set<number>; readonly flows: number }> {
  const lines = (await response.text()).trim().split("\n");
  const scores = new Set(lines.map((line) => (JSON.parse(line) as { readonly score: number }).score));
  return { said: versions.get(response.headers.get("oddflow-model") ?? ""), scores, flows: lines.length };
}

async function json(service: ScoringService, path: string): Promise<Record<string, unknown>> {
  return (await (await service.fetch(new Request(`http://service${path}`))).json()) as Record<
    string,
    unknown
  >;
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ records: fc.integer({ min: 1, max: 120 }), reasons: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 3).map((model) => ({ model })) },
);

test("whatever is asked while models follow each other, each answer is one model's alone, and it says which", async () => {
  const models = await serve({ share: 0.01 });
  const { service } = models;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const answers: Promise<void>[] = [];
      for (const each of steps) {
        if ("model" in each) await models.take(await open(each.model));
        else {
          const { records } = each;
          answers.push(
            post(service, LINE.repeat(records))
              .then(scoresOf)
              .then(({ said, scores, flows }) => {
                expect([flows, [...scores]]).toEqual([records, [said]]);
              }),
          );
        }
        const health = await service.fetch(new Request("http://service/healthz"));
        expect(health.status).toBe(200);
      }
      await Promise.all(answers);
    }),
    { numRuns: 3 },
  );
});

describe("a request that began before another model came", () => {
  test("is scored to its end by the one that it began with, while later ones are by the other", async () => {
    const models = await serve({ share: 0.01 });
    const { service } = models;
    let send: (text: string) => void = () => {};
    let end: () => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (text) => controller.enqueue(new TextEncoder().encode(text));
        end = () => controller.close();
      },
    });
    send(LINE.repeat(40));
    const slow = await post(service, body);
    await models.take(await open(2));
    expect(await scoresOf(await post(service, LINE))).toEqual({ said: 2, scores: new Set([2]), flows: 1 });
    send(LINE.repeat(40));
    end();
    expect(await scoresOf(slow)).toEqual({ said: 1, scores: new Set([1]), flows: 80 });
  });
});

describe("what the service says is of the model that scores", () => {
  test("its columns, version and thresholds, of a budget, and its metrics", async () => {
    const models = await serve({ share: 0.05 });
    const { service } = models;
    const before = await json(service, "/model");
    const next = await open(3);
    const { thresholds } = next.scorer;
    await models.take(next);
    service.refuseModel();
    const after = await json(service, "/model");
    expect([before["version"], after["version"]].map((version) => versions.get(String(version)))).toEqual([
      1, 3,
    ]);
    expect(after["columns"]).toHaveLength(FEW_COLUMNS);
    expect(after["thresholds"]).toMatchObject({ default: thresholds.forBudget(0.05) });
    expect(before["thresholds"]).not.toMatchObject({ default: thresholds.forBudget(0.05) });
    const answer = await post(service, LINE, `?reasons=${FEW_COLUMNS + 1}`);
    expect([answer.status, JSON.stringify(await answer.json())]).toEqual([
      400,
      expect.stringContaining("reasons"),
    ]);
    const metrics = await (await service.fetch(new Request("http://service/metrics"))).text();
    expect(metrics).toContain(`oddflow_model_info{version="${next.version}",provider="cpu"} 1\n`);
    expect(metrics).toContain('oddflow_model_changes_total{result="taken"} 1\n');
    expect(metrics).toContain('oddflow_model_changes_total{result="refused"} 1\n');
    expect(metrics).toContain("oddflow_model_last_change_successful 0\n");
    expect(Number(/^oddflow_alert_budget_ratio (.*)$/m.exec(metrics)?.[1])).toBeCloseTo(0.05, 4);
  });

  test("and a threshold that somebody chose stays", async () => {
    const models = await serve({ score: 2.5 });
    await models.take(await open(3));
    expect(await json(models.service, "/model")).toMatchObject({ thresholds: { default: 2.5 } });
  });
});

test("a model that no thread can open leaves the one before where it was", async () => {
  const models = await serve({ share: 0.01 });
  const model = await open(2);
  const damaged = { ...model, bytes: model.bytes.subarray(0, 1000) };
  await expect(models.take(damaged)).rejects.toMatchObject({ code: "MODEL_INVALID" });
  await model.scorer.close();
  expect(await scoresOf(await post(models.service, LINE.repeat(200)))).toMatchObject({ said: 1, flows: 200 });
});
