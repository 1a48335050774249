import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  completeLimits,
  createScoringService,
  DEFAULT_LIMITS,
  type ScoringService,
} from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/node";
import { readModelSummary, replaceMetadata, sealModel } from "@oddflow/onnx";
import { ContextEncoder } from "@oddflow/preprocessing";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { LiveContext } from "../src/live-context.ts";
import { openBytes } from "../src/opened-model.ts";
import { ServedModels } from "../src/serve/served-models.ts";
import { ServingContext } from "../src/serve/serving-context.ts";
import { ServingThreads } from "../src/serve/serving-threads.ts";
import { command } from "./in-process.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
/** A scan among flows of a few hosts. */
const flows = Array.from({ length: 400 }, (_, row) => ({
  ts: 1_740_000_000 + row * 2,
  src_ip: row % 4 === 3 ? "10.0.0.66" : `10.0.0.${(row * 7) % 60}`,
  dst_ip: `10.1.0.${row % 4 === 3 ? row % 250 : row % 6}`,
  dst_port: 443,
  proto: "tcp",
  bytes: 500 + ((row * row * 37) % 401),
  packets: 2 + (row % 8),
}));
const table = join(folder, "flows.ndjson");
const path = join(folder, "model.onnx");
writeFileSync(table, flows.map((flow) => `${JSON.stringify(flow)}\n`).join(""));
const small = [
  "--hidden",
  "16",
  "--latent",
  "4",
  "--clean",
  "off",
  "--epochs",
  "2",
  "--role",
  "dst_port=identifier",
];
const trained = await command("train", table, "-o", path, ...small);
if (trained.refused) throw new Error(trained.said);
const model = readFileSync(path);
const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
const limits = { ...DEFAULT_LIMITS, batch: 16 };
const opened: ServingThreads[] = [];
afterAll(async () => {
  await Promise.all(opened.map((threads) => threads.end()));
  await scorer.close();
});

interface Counting {
  readonly service: ScoringService;
  readonly context: ContextEncoder;
}

/** @param threads 0 for none but this one */
async function serve(threads: number): Promise<Counting> {
  if (scorer.context === undefined) throw new Error("the model has no context");
  const context = ContextEncoder.begin(scorer.context, [1, 2]);
  if (threads === 0) return { context, service: createScoringService(scorer, { limits, context }) };
  const start = { model, provider: "cpu", limits };
  const scoring = await ServingThreads.start({
    ...{ start, threads, context: new ServingContext(context), onLost: () => {} },
    // One of them has threads for all, the other for what is more than a few flows.
    ...(threads > 1 ? { scorer } : {}),
  });
  opened.push(scoring);
  return { context, service: createScoringService(scorer, { limits, scoring }) };
}

function ask(service: ScoringService, records: readonly object[]): Promise<[number, string]> {
  return askText(service, records.map((flow) => `${JSON.stringify(flow)}\n`).join(""));
}

async function askText(service: ScoringService, body: string): Promise<[number, string]> {
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await service.fetch(new Request("http://service/score", { method: "POST", headers, body }));
  return [answer.status, await answer.text()];
}

const slice = (most: number) =>
  fc.tuple(fc.nat(flows.length), fc.nat(most)).map(([first, count]) => flows.slice(first, first + count));
/** Requests side by side, of one batch each, or one of many. */
const step = fc.oneof(
  fc.array(fc.oneof(slice(12), fc.constant([{ ts: "soon" }, { ...flows[0] }])), {
    minLength: 1,
    maxLength: 8,
  }),
  slice(200).map((records) => [records]),
);

test("flows are counted in the order in which they come, by any number of threads, and once", async () => {
  const [alone, ...threaded] = await Promise.all([0, 1, 3].map(serve));
  if (alone === undefined) throw new Error("no service");
  const answersOf = async ({ service }: Counting, steps: readonly (readonly (readonly object[])[])[]) => {
    const answers: [number, string][] = [];
    for (const requests of steps) {
      answers.push(...(await Promise.all(requests.map((records) => ask(service, records)))));
    }
    return answers;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const wanted = await answersOf(alone, steps);
      for (const each of threaded) expect(await answersOf(each, steps)).toEqual(wanted);
    }),
    { numRuns: 8 },
  );
  for (const { context } of threaded) {
    expect(context.counts).toEqual(alone.context.counts);
    expect(context.save()).toEqual(alone.context.save());
  }
  expect(
    new Set((await answersOf(alone, [[flows.slice(0, 40)], [flows.slice(0, 40)]])).map(String)).size,
  ).toBe(2);
});

test("another model that counts the same goes on with what was counted, one that does not begins anew", async () => {
  const place = { path, trust: undefined, provider: "cpu", threads: 1 } as const;
  const marked = (key: string, value: string): Uint8Array =>
    sealModel(replaceMetadata(model, new Map([[key, value]])));
  const spec = JSON.parse(readModelSummary(model).metadata.get("oddflow.spec") ?? "{}");
  const { source, destination } = spec.context;
  const turned = { ...spec, context: { ...spec.context, source: destination, destination: source } };
  const [first, same, other] = await Promise.all([
    openBytes(model, place),
    openBytes(marked("note", "another"), place),
    openBytes(marked("oddflow.spec", JSON.stringify(turned)), place),
  ]);
  const live = await LiveContext.open(first.scorer, undefined);
  const options = {
    threads: 2,
    limits: completeLimits({ batch: 16 }),
    threshold: { share: 0.01 },
    context: live,
    service: {},
  };
  const models = await ServedModels.start(first, options);
  const unchanged = await serve(0);
  for (const [begin, take] of [
    [0, same],
    [120, other],
  ] as const) {
    const some = flows.slice(begin, begin + 120);
    expect(await ask(models.service, some)).toEqual(await ask(unchanged.service, some));
    await models.take(take);
  }
  const later = flows.slice(240, 300);
  expect(await ask(models.service, later)).not.toEqual(await ask(unchanged.service, later));
  expect(live.encoder?.save().length).toBeLessThan(unchanged.context.save().length);
  await models.close();
});

test("context is counted of a record's text as it is of the record, whatever its values are", async () => {
  const address = fc.constantFrom<unknown>(
    "10.0.0.1",
    "::1",
    "-",
    "",
    " 10.0.0.1",
    "höst",
    7,
    null,
    {},
    undefined,
  );
  const records = fc.array(
    fc.record(
      {
        ts: fc.oneof(
          { weight: 4, arbitrary: fc.nat(900).map((s) => 1_740_000_000 + s) },
          fc.constantFrom<unknown>("2025-02-19T21:20:01Z", "soon", null, 0, true, []),
        ),
        src_ip: address,
        dst_ip: address,
        dst_port: fc.constantFrom<unknown>(443, "443", 53.5, null, undefined),
        proto: fc.constantFrom<unknown>("tcp", "udp", undefined),
        bytes: fc.constantFrom<unknown>(500, 1e300, "12", "many", -0, undefined),
        packets: fc.constantFrom<unknown>(2, null, "", undefined),
      },
      { requiredKeys: [] },
    ),
    { minLength: 1, maxLength: 30 },
  );
  const [ofText, ofRecords] = await Promise.all([serve(0), serve(0)]);
  // Text with an escape is read as a record.
  const escaped = (body: string): string => body.replaceAll('"note"', '"\\u006eote"');
  await fc.assert(
    fc.asyncProperty(records, async (some) => {
      const body = some.map((record) => `${JSON.stringify({ note: 1, ...flows[0], ...record })}\n`).join("");
      const bare = some.map((record) => `${JSON.stringify({ note: 1, ...record })}\n`).join("");
      for (const text of [body, bare]) {
        expect(await askText(ofText.service, text)).toEqual(await askText(ofRecords.service, escaped(text)));
      }
      expect(ofText.context.save()).toEqual(ofRecords.context.save());
    }),
    { numRuns: 40 },
  );
});
