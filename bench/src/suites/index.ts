import type { BenchSuite } from "../case.ts";

type StartSuite = (args: readonly string[]) => Promise<BenchSuite>;

/**
 * Every suite by its name; each is given the arguments that it says. A suite's modules are read when it is asked for: one that runs
 * another build's must not have this build's in its process.
 */
export const SUITES: ReadonlyMap<string, () => Promise<StartSuite>> = new Map([
  ["build-model", async () => (await import("./build-modules.ts")).buildModelSuite],
  ["build-training", async () => (await import("./build-modules.ts")).buildTrainingSuite],
  ["context", async () => (await import("./context.ts")).contextSuite],
  ["encode", async () => (await import("./encode.ts")).encodeSuite],
  ["metrics", async () => (await import("./metrics.ts")).metricsSuite],
  ["model", async () => (await import("./model.ts")).modelSuite],
  ["records", async () => (await import("./records.ts")).recordsSuite],
  ["sensors", async () => (await import("./sensor-reading.ts")).sensorReadingSuite],
  ["stages", async () => (await import("./stages.ts")).stagesSuite],
  ["training", async () => (await import("./training.ts")).trainingSuite],
]);
