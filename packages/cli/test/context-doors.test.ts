import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createScoringService } from "@oddflow/edge-service";
import { describeScorer } from "@oddflow/inference";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LiveContext } from "../src/live-context.ts";
import { answered, arrow, askService, page, pipe } from "./context-doors.ts";
import { readNdjson, temporaryFolder } from "./run-cli.ts";
import { csvOf, flows, flowsOfWeeks, jsonOf, ok, SMALL, writeRecords, zeekOf } from "./scan-flows.ts";
import { scoreTwice } from "./threaded-stream.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  process.setMaxListeners(0);
});

describe.each([
  ["in their context", flows],
  ["in their context, at their hour", flowsOfWeeks],
])("every door has the same scores for one table, of a model that sees flows %s", (how, training) => {
  const model = at(`${how.length}.onnx`);
  const ndjson = jsonOf(flows);
  const csv = csvOf(flows);
  let scorer: Scorer;
  let expected: readonly number[];

  /** Scores a table of records as score-batch does. */
  async function scoreTable(records: readonly object[]): Promise<number[]> {
    const path = writeRecords(at("table.ndjson"), records);
    await ok("score", path, "-m", model, "-o", at("scored.ndjson"), "--threads", "1");
    return readNdjson(at("scored.ndjson")).map((flow) => Number(flow["score"]));
  }

  beforeAll(async () => {
    await ok("train", writeRecords(at("training.ndjson"), training), "-o", model, ...SMALL);
    scorer = await createScorer(readFileSync(model));
    expect(scorer.context?.calendar).toBe(how.endsWith("hour") ? true : undefined);
    expected = await scoreTable(flows);
    expect(new Set(expected).size).toBeGreaterThan(900);
  });
  afterAll(() => scorer.close());

  test.each<[string, () => Promise<number[]>]>([
    ["an Arrow stream, in batches of any size", () => arrow(scorer, flows, 40)],
    [
      "an Arrow stream with timestamps",
      () => arrow(scorer, flows, 600, (ts) => new Date(Math.round(ts * 1000))),
    ],
    ["a pipe of JSON, in pieces", () => pipe(scorer, `${ndjson}\n`)],
    ["a pipe of CSV, in pieces", () => pipe(scorer, csv, undefined, 777)],
    // Rows with quotes are read as texts, those between them from their bytes.
    ["a pipe of CSV, some cells in quotes", () => pipe(scorer, csv.replace(/(.*\n.*),tcp,/g, '$1,"tcp",'))],
    ["a pipe of a Zeek log", () => pipe(scorer, zeekOf(flows), undefined, 3_333)],
    ["the page, of JSON", () => page(scorer, ndjson, "flows.ndjson")],
    ["the page, of CSV", () => page(scorer, csv, "flows.csv")],
    [
      "the service, of JSON lines",
      async () => answered((await askService(createScoringService(scorer), ndjson)).text),
    ],
    [
      "the service, of CSV",
      async () => answered((await askService(createScoringService(scorer), csv, "text/csv")).text),
    ],
    [
      "the service, over requests",
      async () => {
        const service = createScoringService(scorer);
        const scores: number[] = [];
        for (let first = 0; first < flows.length; first += 300) {
          const body = flows.slice(first, first + 300).map((flow) => JSON.stringify(flow));
          scores.push(...answered((await askService(service, body.join("\n"))).text));
        }
        return scores;
      },
    ],
  ])("%s", async (_, scores) => {
    expect(await scores()).toEqual(expected);
  });

  // An hour comes to it as all context does.
  test.runIf(how.endsWith("context"))(
    "a pipe that threads score, in which context is counted in one place",
    async () => {
      // The same again and again, each time later by more than the longest window.
      const again = (from: number, times: number): object[] =>
        Array.from({ length: times }, (_, k) =>
          flows.map((flow) => ({ ...flow, ts: flow.ts + (from + k) * 3000 })),
        ).flat();
      const lines = again(0, 1)
        .map((flow) => `${JSON.stringify(flow)}\n`)
        .join("");
      const pieces = Array.from({ length: 4 }, (_, k) =>
        Buffer.from(
          again(2 + 2 * k, 2)
            .map((flow) => `${JSON.stringify(flow)}\n`)
            .join(""),
        ),
      );
      const stream = {
        scorer,
        model: readFileSync(model),
        threads: 2,
        lines,
        pieces,
        options: { threshold: 1, top: 2, fields: "all" },
      } as const;
      const { threaded, alone, ownFlows } = await scoreTwice(stream);
      expect(threaded.output.equals(alone.output)).toBe(true);
      expect(threaded.summary).toEqual(alone.summary);
      expect(threaded.summary?.flows).toBeGreaterThanOrEqual(ownFlows + 8000);
      // What is left out, and what ends the stream, in pieces behind which others have been read.
      const [event, wrong] = ['{"event_type":"dns","dur":1}\n', '{"ts":1700000000,"dur":1\n'].map((line) =>
        Buffer.from(line),
      );
      const odd = pieces.flatMap((piece, k) => [piece, k === 2 ? wrong : event]) as Buffer[];
      const ended = await scoreTwice({ ...stream, pieces: odd });
      expect(ended.alone.problem).toMatch(/line \d+/);
      expect(ended.threaded.problem).toBe(ended.alone.problem);
      expect(ended.threaded.output.equals(ended.alone.output)).toBe(true);
    },
  );

  test("a table in any order, and the page", async () => {
    const turned = flows.toReversed();
    expect(await scoreTable(turned)).toEqual(expected.toReversed());
    expect(await page(scorer, jsonOf(turned), "turned.ndjson")).toEqual(expected.toReversed());
  });

  test("a pipe whose model is followed by others that count the same, or by one that sees each flow alone", async () => {
    const alike = (): Scorer =>
      Object.assign(Object.create(scorer) as Scorer, { score: scorer.score.bind(scorer) });
    expect(await pipe(scorer, ndjson, undefined, 10_000, [alike(), alike(), alike()])).toEqual(expected);
    const path = at("kept.context");
    const context = await LiveContext.open(scorer, path);
    const alone = { ...describeScorer(scorer), context: undefined } as Scorer;
    expect(() => context.encoderFor(alone)).toThrow(/--context-state .*sees each flow alone/);
    expect(context.encoderFor(alike())).toBe(context.encoder);
    const turned = { ...scorer.context, bytes: [] } as unknown as Scorer["context"];
    expect(context.encoderFor({ ...alone, context: turned })).not.toBe(context.encoder);
  });

  test("a pipe that ended, and goes on by --context-state where it was", async () => {
    const state = at(`${how.length}.context`);
    const lines = ndjson.split("\n");
    const first = await LiveContext.open(scorer, state);
    const before = await pipe(scorer, `${lines.slice(0, 400).join("\n")}\n`, first);
    await first?.save();
    const after = await pipe(
      scorer,
      `${lines.slice(400).join("\n")}\n`,
      await LiveContext.open(scorer, state),
    );
    expect([...before, ...after]).toEqual(expected);
    writeFileSync(state, "something else");
    await expect(LiveContext.open(scorer, state)).rejects.toMatchObject({
      code: "CONTEXT_INVALID",
      message: expect.stringContaining(state),
    });
  });
});
