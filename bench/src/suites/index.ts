import type { BenchSuite } from "../case.ts";
import { encodeSuite } from "./encode.ts";
import { modelSuite } from "./model.ts";
import { scoreBatchSuite } from "./score-batch.ts";
import { trainingSuite } from "./training.ts";

/** Every suite by the name that `--only` takes. */
export const SUITES: ReadonlyMap<string, () => Promise<BenchSuite>> = new Map([
  ["encode", encodeSuite],
  ["model", modelSuite],
  ["score-batch", scoreBatchSuite],
  ["training", trainingSuite],
]);
