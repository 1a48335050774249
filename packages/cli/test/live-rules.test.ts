import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { DEFAULT_LIMITS } from "@oddflow/edge-service";
import { parseRules, type RuleSet } from "@oddflow/rules";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Hangup } from "../src/hangup.ts";
import { LiveContext } from "../src/live-context.ts";
import { LiveRules } from "../src/live-rules.ts";
import { openBytes } from "../src/opened-model.ts";
import { scoreStream } from "../src/score-stream.ts";
import { ServedModels } from "../src/serve/served-models.ts";
import { constantModel } from "./constant-model.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const place = { path: "model.onnx", trust: undefined, provider: "cpu", threads: 1 } as const;
const model = await openBytes(constantModel(2), place);
afterAll(() => model.scorer.close());

/** Hides the flows whose number leaves this rest by three. */
const hiding = (rest: number): RuleSet =>
  parseRules(`rules: [{ id: "r${rest}", verdict: benign, match: { rest: ${rest} } }]`, "rules.yaml");
const flow = (number: number): string => JSON.stringify({ number, rest: number % 3, dur: 0.5 });

interface Written {
  readonly number: number;
  readonly rest: number;
  readonly is_anomaly: boolean;
  readonly alarm_rule: string | null;
}

/** Whether a flow was written as rules that hide a rest would have it. */
const isBy = (rest: number, own: Written): boolean =>
  own.is_anomaly === (own.rest !== rest) && own.alarm_rule === (own.rest === rest ? `r${rest}` : null);

describe("rules that follow each other in a stream", () => {
  const steps = fc.array(fc.oneof(fc.record({ flows: fc.nat(40) }), fc.record({ rest: fc.nat(2) })), {
    minLength: 2,
    maxLength: 12,
  });

  test.each([0, 1])(
    "each flow by those that had come, or by some that came meanwhile; %i threads",
    async (threads) => {
      await fc.assert(
        fc.asyncProperty(steps, async (some) => {
          const output = new PassThrough();
          const heard: Buffer[] = [];
          output.on("data", (part: Buffer) => heard.push(part));
          let change: (rules: RuleSet) => Promise<void> = async () => {};
          const came = [0];
          const least: number[] = [];
          const input = async function* (): AsyncGenerator<Buffer> {
            for (const step of some) {
              if ("rest" in step) {
                await change(hiding(step.rest));
                came.push(step.rest);
                continue;
              }
              const first = least.length;
              for (let k = 0; k < step.flows; k++) least.push(came.length - 1);
              const note = ` `.repeat(threads > 0 ? 2000 : 0);
              yield Buffer.from(
                Array.from({ length: step.flows }, (_, k) => `${flow(first + k)}${note}\n`).join(""),
              );
            }
          };
          const { scorer, bytes } = model;
          const summary = await scoreStream(Readable.from(input()), output, scorer, {
            ...{ threshold: 1, top: 0, fields: "all", maxLatency: 0, rules: hiding(0) },
            ...(threads > 0 ? { threads: { count: threads, model: bytes, afterBytes: 0 } } : {}),
            onBegun: (_, begun) => {
              change = begun;
            },
          });
          const rows = Buffer.concat(heard)
            .toString()
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as Written);
          expect(rows.map(({ number }) => number)).toEqual(least.map((_, number) => number));
          let at = 0;
          for (const row of rows) {
            at = Math.max(at, least[row.number] ?? 0);
            while (at < came.length && !isBy(came[at] ?? -1, row)) at++;
            expect(at, `flow ${row.number}`).toBeLessThan(came.length);
          }
          expect(summary.alerts).toBe(rows.filter(({ is_anomaly }) => is_anomaly).length);
        }),
        { numRuns: threads === 0 ? 15 : 4 },
      );
    },
  );
});

test("a service goes on with other rules: requests from then on are answered by them", async () => {
  const own = await openBytes(constantModel(2), place);
  const models = await ServedModels.start(own, {
    ...{ threads: 1, limits: DEFAULT_LIMITS, threshold: { score: 1 }, rules: hiding(0), service: {} },
    context: await LiveContext.open(own.scorer, undefined),
  });
  const ask = async (flows: number): Promise<Written[]> => {
    const body = Array.from({ length: flows }, (_, number) => `${flow(number)}\n`).join("");
    const headers = { "content-type": "application/x-ndjson", accept: "application/x-ndjson" };
    const request = new Request("http://localhost/score", { method: "POST", headers, body });
    const lines = (await (await models.service.fetch(request)).text()).trim().split("\n");
    return lines.map((line, number) => ({ ...JSON.parse(line), number, rest: number % 3 }));
  };
  try {
    for (const rest of [0, 2, 1]) {
      if (rest > 0) models.changeRules(hiding(rest));
      // A few are scored by the thread that answers, many by another.
      for (const flows of [3, 500]) {
        const rows = await ask(flows);
        expect(rows.length).toBe(flows);
        for (const row of rows) expect(isBy(rest, row), JSON.stringify(row)).toBe(true);
      }
    }
    // Another model keeps them.
    await models.take(await openBytes(constantModel(3), place));
    for (const row of await ask(300)) expect(isBy(1, row)).toBe(true);
  } finally {
    await models.close();
  }
});

test("a file of rules is taken when it changes, and a bad one is refused with a line", async () => {
  const path = join(folder, "rules.yaml");
  const replace = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  const told: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => told.push(String(text)) > 0);
  const heard = async (text: string): Promise<void> => {
    await vi.waitFor(() => expect(told.join("")).toContain(text), { timeout: 10_000, interval: 20 });
  };
  replace("rules: []");
  const hangup = new Hangup();
  const rules = await LiveRules.open(path, hangup);
  const taken: number[] = [];
  try {
    expect(rules?.first).toEqual({ rules: [] });
    rules?.watch(async (next) => void taken.push(next.rules.length));
    replace("rules: [{ id: a, verdict: benign, host: 10.0.0.1 }]");
    await heard(`rules      ${path}: 1 rule from now on\n`);
    replace("rules: [{ id: a, verdict: benign, hosts: 10.0.0.1 }]");
    await heard("is refused, and the former rules go on: read rules:");
    await heard("did you mean host?");
    hangup.hear();
    replace("rules: [{ id: a, verdict: benign, host: 10.0.0.1 }, { id: b, verdict: wrong, host: 10.0.0.1 }]");
    await heard(`rules      ${path}: 2 rules from now on\n`);
    expect(taken).toEqual([1, 2]);
  } finally {
    await rules?.end();
    spy.mockRestore();
  }
}, 30_000);
