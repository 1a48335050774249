import { readFileSync } from "node:fs";
import { openNodeSession, Tensor } from "@oddflow/inference/node";
import type { InferenceSession } from "onnxruntime-common";
import { expect, test } from "vitest";
import { openScorer } from "../src/scorer.ts";

const model = readFileSync(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));

/** A runtime whose sessions fail to run, and the first of them to be released, too. */
function failingRuntime() {
  const sessions = { opened: 0, released: 0 };
  const openSession = async (): Promise<InferenceSession> => {
    const number = ++sessions.opened;
    const session: Partial<InferenceSession> = {
      run: () => Promise.reject(new Error("indices element out of data bounds\n  at Gather")),
      release: async () => {
        sessions.released++;
        if (number === 1) throw new Error("the session cannot be released");
      },
    };
    return session as InferenceSession;
  };
  const parallel = { threads: 2, batchSize: 8192, openSession };
  return { sessions, runtime: { Tensor, provider: "cpu", batchSize: 512, openSession, parallel } };
}

test("what onnxruntime raises while a graph runs is the model's fault, and every session is released all the same", async () => {
  const { sessions, runtime } = failingRuntime();
  const scorer = await openScorer(model, runtime, undefined);
  const width = scorer.columns.length;
  const fault = {
    code: "MODEL_INVALID",
    message: "score: onnxruntime could not run the model's graph: indices element out of data bounds",
  };
  await expect(scorer.score(new Float32Array(width))).rejects.toMatchObject(fault);
  await expect(scorer.score(new Float32Array(width * 3 * scorer.batchSize))).rejects.toMatchObject(fault);
  await expect(scorer.explain(new Float32Array(width), { top: 1 })).rejects.toMatchObject(fault);
  // One for few flows, one for many, one that explains.
  expect(sessions).toEqual({ opened: 3, released: 0 });
  await expect(scorer.close()).rejects.toThrow("cannot be released");
  expect(sessions).toEqual({ opened: 3, released: 3 });
});

test("a session for several threads is opened when there are flows enough to win back what opening it takes", async () => {
  const sessions: { readonly isParallel: boolean; runs: number }[] = [];
  const opening = (threads: number) => async (bytes: Uint8Array) => {
    const session = await openNodeSession(bytes, "cpu", threads);
    const opened = { isParallel: threads > 1, runs: 0 };
    sessions.push(opened);
    const run: InferenceSession["run"] = (...given: [never, never]) => {
      opened.runs++;
      return session.run(...given);
    };
    return { run, release: () => session.release() } as InferenceSession;
  };
  const parallel = { threads: 2, batchSize: 8192, openSession: opening(2) };
  const runtime = { Tensor, provider: "cpu", batchSize: 512, openSession: opening(1), parallel };
  const scorer = await openScorer(model, runtime, undefined);
  const flows = new Float32Array(8192 * scorer.columns.length).map((_, place) => place % 7);
  const { scores } = await scorer.score(flows);
  expect(sessions).toEqual([{ isParallel: false, runs: 16 }]);
  const { scores: again } = await scorer.score(flows);
  expect(sessions).toEqual([
    { isParallel: false, runs: 16 },
    { isParallel: true, runs: 1 },
  ]);
  expect(new Uint32Array(again.buffer)).toEqual(new Uint32Array(scores.buffer));
  await scorer.close();
});
