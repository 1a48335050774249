import type { BenchSuite } from "../case.ts";
import { contextSuite } from "./context.ts";
import { encodeSuite } from "./encode.ts";
import { metricsSuite } from "./metrics.ts";
import { modelSuite } from "./model.ts";
import { recordsSuite } from "./records.ts";
import { sensorReadingSuite } from "./sensor-reading.ts";
import { stagesSuite } from "./stages.ts";
import { trainingSuite } from "./training.ts";

/** Every suite by its name; each is given the arguments that it says. */
export const SUITES: ReadonlyMap<string, (args: readonly string[]) => Promise<BenchSuite>> = new Map([
  ["context", contextSuite],
  ["encode", encodeSuite],
  ["metrics", metricsSuite],
  ["model", modelSuite],
  ["records", recordsSuite],
  ["sensors", sensorReadingSuite],
  ["stages", stagesSuite],
  ["training", trainingSuite],
]);
