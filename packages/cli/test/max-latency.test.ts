import { PassThrough, Readable } from "node:stream";
import { createScorer } from "@oddflow/inference/node";
import { expect, test, vi } from "vitest";
import { scoreStream } from "../src/score-stream.ts";
import { command } from "./in-process.ts";
import { FLOWS, MODEL } from "./run-cli.ts";

test("flows that come fast are scored together within the latency, a slow stream's at once", async () => {
  const scorer = await createScorer(MODEL, { threads: 1 });
  const output = new PassThrough();
  let written = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    written += text;
  });
  const answers = (count: number): Promise<void> =>
    vi.waitFor(() => expect(written.split("\n")).toHaveLength(count + 1), { timeout: 20_000, interval: 2 });
  const lines = (count: number): Buffer => Buffer.from('{"dur":1.5,"sbytes":100}\n'.repeat(count));
  const calls: number[] = [];
  const counting = Object.assign(Object.create(scorer) as typeof scorer, {
    score: (...args: Parameters<typeof scorer.score>) => {
      calls.push(args[0].length / scorer.columns.length);
      return scorer.score(...args);
    },
  });
  const input = async function* (): AsyncGenerator<Buffer> {
    // Nothing else comes before each is answered, however long a flow may wait.
    for (const count of [1, 2, 3]) {
      yield lines(1);
      await answers(count);
    }
    for (let piece = 0; piece < 6; piece++) yield lines(3000);
  };
  const options = { threshold: 3, top: 0, fields: "none", maxLatency: 60_000 } as const;
  const { flows } = await scoreStream(Readable.from(input()), output, counting, options);
  expect(flows).toBe(18_003);
  expect(calls.slice(0, 3)).toEqual([1, 1, 1]);
  expect(calls.length).toBeLessThan(6);
  await scorer.close();
});

test.each([
  [["-", "--max-latency", "50"], "expected a time of up to 60s, such as 50ms or 0.2s"],
  [["-", "--max-latency", "-1ms"], "expected a time of up to 60s, such as 50ms or 0.2s"],
  [["-", "--max-latency", "61s"], "expected a time of up to 60s, such as 50ms or 0.2s"],
  [[FLOWS, "--max-latency", "50ms"], "is for standard input and logs that grow; leave it out"],
])("%s is refused", async (args, said) => {
  expect(await command("score", ...args)).toMatchObject({
    refused: true,
    said: expect.stringContaining(said),
  });
});
