import { batchCase, ONNX_ALL_THREADS, trainingCase } from "../case-names.ts";
import { type CaseProcess, startSuite } from "../processes/case-process.ts";
import { spreadOf } from "../processes/in-turns.ts";
import type { TrainedBuild } from "./models.ts";

/** A case within a process, which a build's own modules run. */
export interface ModuleCase {
  readonly name: string;
  readonly flows: number;
  /** @returns the seconds of a run, the median */
  time(): Promise<number>;
}

const TRAINING = "training, 33-256-128-64-16, batch 256";
const modelCase = (batch: number): string => `the model alone, ${batchCase(batch)}`;

/**
 * Starts a build's modules; `close` ends them.
 * @param flows a file of encoded flows, float32, row-major
 */
export async function startModules(
  build: TrainedBuild,
  flows: string,
  batches: readonly number[],
): Promise<{ readonly cases: readonly ModuleCase[]; close(): Promise<void> }> {
  const model = await startSuite("build-model", build.folder, build.withoutContext, flows, batches.join(","));
  const training = await startSuite("build-training", build.folder);
  const one = (name: string, suite: CaseProcess, suiteCase: string): ModuleCase => ({
    name,
    flows: suite.cases.find((each) => each.name === suiteCase)?.flows ?? Number.NaN,
    time: async () => spreadOf(await suite.time(suiteCase)).median,
  });
  return {
    cases: [
      ...batches.map((batch) => one(modelCase(batch), model, batchCase(batch))),
      one(TRAINING, training, trainingCase(ONNX_ALL_THREADS, 256)),
    ],
    close: async () => {
      await model.close();
      await training.close();
    },
  };
}
