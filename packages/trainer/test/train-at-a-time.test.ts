import {
  createOnnxEngine,
  DETECTOR_PREPROCESSING,
  type RunOptions,
  type Schedule,
  type TrainedDetector,
  type TrainingEngine,
  type TrainingThread,
  trainDetector,
} from "@oddflow/trainer";
import { describe, expect, test, vi } from "vitest";
import { makeDataset } from "./flow-records.ts";

/** An engine on one thread, and how many networks it was given. */
function countingEngine(isForThreads: boolean): { engine: TrainingEngine; started: () => number } {
  const own = createOnnxEngine({ threads: 1 });
  let started = 0;
  const engine: TrainingEngine = {
    ...own,
    isForThreads: () => isForThreads,
    start(start) {
      started++;
      return own.start(start);
    },
  };
  return { engine, started: () => started };
}

const train = (
  engine: TrainingEngine,
  schedule: Partial<Schedule> = {},
  run: Partial<RunOptions> = {},
): Promise<TrainedDetector> =>
  trainDetector(makeDataset(800, false), engine, {
    flows: { protocol: "held-out" },
    detector: {
      name: "robust",
      clean: "auto",
      preprocessing: DETECTOR_PREPROCESSING.robust,
      network: { hidden: [16], latent: 4, dropout: [0.1] },
      schedule: { epochs: 2, batchSize: 64, ...schedule },
    },
    run: { seed: 1, ...run },
  });

describe("the networks of a detector, trained at a time", () => {
  test("are those that are trained one after the other, to the last bit; the second in a thread", async () => {
    const [inTurn, atATime] = [countingEngine(false), countingEngine(true)];
    const wanted = await train(inTurn.engine);
    const got = await train(atATime.engine);
    expect(got.model).toEqual(wanted.model);
    expect(wanted.learned.usual).toBeDefined();
    const withoutSeconds = ({ learned: { usual } }: TrainedDetector): unknown =>
      usual && { ...usual.network, epochs: usual.network.epochs.map(({ seconds, ...epoch }) => epoch) };
    expect(withoutSeconds(got)).toEqual(withoutSeconds(wanted));
    expect([inTurn.started(), atATime.started()]).toEqual([2, 1]);
  });

  test("tell of their progress, and end when they are interrupted: the first one is kept as far as it got", async () => {
    const interrupt = new AbortController();
    const { learned, network } = await train(
      countingEngine(true).engine,
      { epochs: 100_000, stopAfter: 100_000 },
      {
        signal: interrupt.signal,
        onProgress({ networks, epoch }) {
          expect(networks).toBe(2);
          if (epoch === 2) interrupt.abort();
        },
      },
    );
    expect(network.stopped).toBe("interrupted");
    expect(learned.usual).toBeUndefined();
  });

  test("may be halted for the process to end: the thread ends in the middle of its training, and nobody hears of it", async () => {
    const interrupt = new AbortController();
    const hasEnded = vi.fn();
    const isSettled = vi.fn();
    const thread = await new Promise<TrainingThread>((resolve) => {
      let started: TrainingThread | undefined;
      train(
        countingEngine(true).engine,
        { epochs: 100_000, stopAfter: 100_000 },
        {
          signal: interrupt.signal,
          onThread(thread) {
            started = thread;
            return hasEnded;
          },
          onProgress: ({ epoch }) => started && epoch > 1 && resolve(started),
        },
      ).then(isSettled, isSettled);
    });
    expect(hasEnded).not.toHaveBeenCalled();
    await thread.halt();
    expect(hasEnded).toHaveBeenCalledOnce();
    interrupt.abort();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isSettled).not.toHaveBeenCalled();
  });

  test("are refused as they are one after the other", async () => {
    for (const isForThreads of [false, true]) {
      const training = train(countingEngine(isForThreads).engine, { learningRate: 1e38 });
      await expect(training).rejects.toMatchObject({
        code: "OPTION_RANGE",
        message: expect.stringContaining("the learning rate 1e+38 is too high for this table"),
      });
    }
  });
});
