import type { ScoreOptions, Scorer, Scores } from "@oddflow/inference";
import { bundledProgram } from "../bundled-program.ts";
import type { FlowsOrder, FlowsScores, ThreadModel } from "./scoring-thread.ts";
import { WorkingThread } from "./working-thread.ts";

/** Flows that one thread gets at once: so many that the way there and back is lost in the work, and few enough to share them out. */
const FLOWS_AN_ORDER = 2048;

/**
 * A scorer whose encoded flows are scored by threads of their own, each with a session of one thread: `score` holds up nobody
 * else in this one, and calls that come side by side are scored side by side. Scores are `scorer`'s to the last bit. Records
 * and `explain` stay with `scorer`, which is closed with it.
 * @param scorer a scorer of the same model, on the CPU
 * @param model a model file's bytes
 * @throws OddflowError from `score`: what `Scorer.score` throws, and WORKER_LOST where a thread ended for want of memory
 */
export function scoreInThreads(scorer: Scorer, model: Uint8Array, threads: number): Scorer {
  const data: ThreadModel = { model };
  const pool = Array.from(
    { length: threads },
    () => new WorkingThread<FlowsOrder, FlowsScores>(bundledProgram("scoring-thread"), data),
  );
  const width = scorer.columns.length;

  /** Scores some of a call's flows on the thread that has least to do. */
  const scorePart = async (
    flows: Float32Array,
    first: number,
    into: Scores,
    firstRow: number,
  ): Promise<void> => {
    const thread = pool.reduce((least, other) => (other.load < least.load ? other : least));
    // The caller keeps its own.
    const moved = flows.slice();
    const order: FlowsOrder = { flows: moved, errors: into.errors !== undefined, firstRow: firstRow + first };
    const { scores, errors } = await thread.do(order, [moved.buffer]);
    into.scores.set(scores, first);
    if (errors !== undefined) into.errors?.set(errors, first * width);
  };

  const score = async (flows: Float32Array, request: ScoreOptions): Promise<Scores> => {
    const count = flows.length / width;
    const into: Scores = {
      flows: count,
      scores: request.scores ?? new Float32Array(count),
      ...(request.errors
        ? { errors: request.errors === true ? new Float32Array(count * width) : request.errors }
        : {}),
    };
    const parts: Promise<void>[] = [];
    for (let first = 0; first < count; first += FLOWS_AN_ORDER) {
      const part = flows.subarray(first * width, (first + FLOWS_AN_ORDER) * width);
      parts.push(scorePart(part, first, into, request.firstRow ?? 0));
    }
    // Of what is wrong the first flow's is said, whichever thread was faster.
    const failed = (await Promise.allSettled(parts)).find((part) => part.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return into;
  };

  return {
    ...scorer,
    score: (flows, request = {}) =>
      flows instanceof Float32Array && fits(flows, width, request)
        ? score(flows, request)
        : scorer.score(flows, request),
    explain: (flows, request) => scorer.explain(flows, request),
    async close() {
      await Promise.all(pool.map((thread) => thread.close()));
      await scorer.close();
    },
  };
}

/** Whether flows and buffers have the size they should; where not, the scorer says what is wrong. */
function fits(flows: Float32Array, width: number, { scores, errors }: ScoreOptions): boolean {
  const count = flows.length / width;
  return (
    Number.isInteger(count) &&
    (scores === undefined || scores.length >= count) &&
    (!(errors instanceof Float32Array) || errors.length >= flows.length)
  );
}
