import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { describeScorer } from "@oddflow/inference";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { LiveContext } from "../src/live-context.ts";
import { type OpenedModel, openBytes } from "../src/opened-model.ts";
import type { StreamModel } from "../src/pipe/stream-scoring.ts";
import { scoreStream } from "../src/score-stream.ts";
import { constantModel, metadata } from "./constant-model.ts";
import { ROOT, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const place = { path: "model.onnx", trust: undefined, provider: "cpu", threads: 1 } as const;
/** What each gives as its flows' score; the last has other columns. */
const scores = [1, 2, 3] as const;
const opened: OpenedModel[] = await Promise.all(
  scores.map((score) => openBytes(constantModel(score, score === 3 ? 5 : undefined), place)),
);
const running = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  for (const { scorer } of opened) await scorer.close();
});

const modelOf = (score: number): StreamModel => {
  const model = opened[score - 1];
  if (model === undefined) throw new Error(`no model ${score}`);
  return { ...model, threshold: 1.5 };
};

type Change = (model: StreamModel) => Promise<void>;

/** Scores what `pieces` yields, which may wait until so many flows have been written, beginning with the first model. @returns what was written, and the problem if there was one */
async function pipe(
  pieces: (change: Change, heard: (flows: number) => Promise<void>) => AsyncIterable<string>,
  threads = 0,
  { scorer, bytes, threshold } = modelOf(1),
): Promise<{ readonly text: string; readonly alerts: number | undefined; readonly problem: unknown }> {
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  const flowsHeard = async (flows: number): Promise<void> => {
    while (Buffer.concat(heard).toString().split("\n").length <= flows) await once(output, "data");
  };
  let change: Change = async () => {};
  const input = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of pieces((model) => change(model), flowsHeard)) yield Buffer.from(piece);
  };
  let problem: unknown;
  const summary = await scoreStream(Readable.from(input()), output, scorer, {
    ...{
      threshold,
      top: 0,
      fields: "all",
      maxLatency: 0,
      context: await LiveContext.open(scorer, undefined),
    },
    ...(threads > 0 ? { threads: { count: threads, model: bytes, afterBytes: 0 } } : {}),
    onBegun: (begun) => {
      change = begun;
    },
  }).catch((thrown: unknown) => {
    problem = thrown;
    return undefined;
  });
  return { text: Buffer.concat(heard).toString(), alerts: summary?.alerts, problem };
}

const names = metadata.spec.columns.map(({ name }) => name);
const row = (number: number): string => [number, ...names.map((_, k) => k % 3)].join(",");
const record = (number: number): string => JSON.stringify({ number, dur: 0.5, [names[0] ?? ""]: 1 });

/** Flows with numbers from 0 on, in each form that a stream can have. */
const forms = {
  "JSON lines": { start: "", flow: (number: number) => `${record(number)}\n`, end: "" },
  "a list of JSON": {
    start: "[\n",
    flow: (number: number) => `${number > 0 ? ",\n" : ""}${record(number)}`,
    end: "\n]",
  },
  CSV: { start: `number,${names.join(",")}\n`, flow: (number: number) => `${row(number)}\n`, end: "" },
};

/** Each flow's number and score, as they were written. */
function written(form: string, text: string): (readonly [number, number])[] {
  const lines = text.split("\n").filter((line) => line !== "");
  if (form !== "CSV") {
    return lines.map((line) => {
      const { number, score } = JSON.parse(line) as { readonly number: number; readonly score: number };
      return [number, score];
    });
  }
  const place = (lines[0] ?? "").split(",").indexOf("score");
  return lines.slice(1).map((line) => {
    const cells = line.split(",");
    return [Number(cells[0]), Number(cells[place])];
  });
}

const steps = fc.array(
  fc.oneof(
    fc.record({ flows: fc.nat(90), cut: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.constantFrom(...scores).map((score) => ({ score })),
  ),
  { minLength: 2, maxLength: 16 },
);

describe("models that follow each other in a stream", () => {
  test.each(Object.entries(forms))(
    "%s: each flow is written once, by the model that had come or by one that came meanwhile",
    async (name, { start, flow, end }) => {
      await fc.assert(
        fc.asyncProperty(steps, async (some) => {
          let sent = 0;
          /** For each flow the model that scored when it was sent, as a place among those that came. */
          const least: number[] = [];
          const came: number[] = [1];
          const { text, alerts, problem } = await pipe(async function* (change) {
            let rest = start;
            for (const step of some) {
              if ("score" in step) {
                await change(modelOf(step.score));
                came.push(step.score);
                continue;
              }
              const text = rest + Array.from({ length: step.flows }, (_, k) => flow(sent + k)).join("");
              // Of what is cut the last flow goes on in the next piece.
              const cut = Math.ceil(text.length * step.cut);
              yield text.slice(0, cut);
              rest = text.slice(cut);
              sent += step.flows;
              while (least.length < sent) least.push(came.length - 1);
            }
            yield rest + end;
          });
          expect(problem).toBeUndefined();
          const flows = written(name, text);
          expect(flows.map(([number]) => number)).toEqual(least.map((_, number) => number));
          let at = 0;
          for (const [number, score] of flows) {
            at = Math.max(at, least[number] ?? 0);
            while (came[at] !== score && at < came.length) at++;
            expect(came[at], `flow ${number}`).toBe(score);
          }
          expect(alerts).toBe(flows.filter(([, score]) => score >= 1.5).length);
        }),
        { numRuns: 12 },
      );
    },
  );

  test("threads score by the model that came last, too", async () => {
    const calls = new Map<number, number>();
    const counting = (score: number): StreamModel => {
      const model = modelOf(score);
      const scorer = Object.assign(Object.create(model.scorer) as OpenedModel["scorer"], {
        score: (...args: Parameters<OpenedModel["scorer"]["score"]>) => {
          calls.set(score, (calls.get(score) ?? 0) + 1);
          return model.scorer.score(...args);
        },
      });
      return { ...model, scorer };
    };
    const note = "x".repeat(700);
    const lines = (first: number): string =>
      Array.from(
        { length: 100 },
        (_, k) => `${JSON.stringify({ number: first + k, dur: 0.5, note })}\n`,
      ).join("");
    let sent = 0;
    const until: number[] = [];
    const { text, problem } = await pipe(
      async function* (change, heard) {
        for (const score of [1, 3]) {
          if (score !== 1 || sent > 0) await change(counting(score));
          // As long as this thread scores, and once more.
          for (let before = -1; before !== calls.get(score); ) {
            before = calls.get(score) ?? 0;
            yield lines(sent);
            sent += 100;
            await heard(sent);
          }
          until.push(sent);
        }
      },
      2,
      counting(1),
    );
    expect(problem).toBeUndefined();
    const wanted = until.flatMap((end, k) =>
      new Array<number>(end - (until[k - 1] ?? 0)).fill([1, 3][k] ?? 0),
    );
    expect(written("JSON lines", text)).toEqual(wanted.map((score, number) => [number, score]));
  });
});

describe("a model that the stream cannot go on with is refused, and the one before goes on", () => {
  const { scorer, ...others } = modelOf(2);
  const lacking = [
    { ...(scorer.columns[0] ?? { kind: "number" as const }), name: "of_another_table" },
  ] as OpenedModel["scorer"]["columns"];
  const other = {
    ...others,
    scorer: { ...describeScorer(scorer), columns: lacking, ownColumns: lacking } as OpenedModel["scorer"],
  };

  test.each(Object.entries(forms))("%s without its columns", async (name, { start, flow, end }) => {
    let refusal: unknown;
    const { text, problem } = await pipe(async function* (change, heard) {
      yield start + flow(0) + flow(1) + flow(2);
      await heard(2);
      await change(other).catch((thrown: unknown) => {
        refusal = thrown;
      });
      yield flow(3) + end;
    });
    expect(problem).toBeUndefined();
    expect(refusal).toMatchObject({
      code: "COLUMNS_MISSING",
      message: expect.stringContaining("of_another_table"),
    });
    expect(written(name, text)).toEqual([0, 1, 2, 3].map((number) => [number, 1]));
  });
});

test.runIf(process.platform !== "win32")(
  "a pipe in a process of its own goes on through a change of the file, a bad one and SIGHUP, and loses no flow",
  async () => {
    const path = join(folder, "model.onnx");
    const replace = (bytes: Uint8Array | string): void => {
      writeFileSync(`${path}.new`, bytes);
      renameSync(`${path}.new`, path);
    };
    replace(constantModel(1));
    const program = join(ROOT, "packages/cli/bin/oddflow.js");
    const child = spawn(process.execPath, [program, "score", "-", "-m", path, "--threshold", "1.5"]);
    running.add(child);
    let [text, said] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      said += piece;
    });
    const ended = once(child, "close");
    const wait = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 });
    const send = async (number: number): Promise<void> => {
      child.stdin.write(`${record(number)}\n`);
      await wait(() => expect(text.split("\n")).toHaveLength(number + 2));
    };
    await send(0);
    replace(constantModel(2));
    await wait(() => expect(said).toMatch(/scores from now on/));
    await send(1);
    replace("no model");
    await wait(() => expect(said).toMatch(/is refused/));
    await send(2);
    child.kill("SIGHUP");
    await wait(() => expect(said.match(/is refused/g)).toHaveLength(2));
    await send(3);
    child.stdin.end();
    expect(await ended, said).toEqual([0, null]);
    expect(written("JSON lines", text)).toEqual([
      [0, 1],
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
    expect(said).toMatch(/^alerts +3 /m);
  },
);
