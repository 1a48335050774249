import {
  createOnnxEngine,
  DEFAULT_NETWORK,
  DEFAULT_OPTIMISER,
  initialWeights,
  networkShape,
} from "@oddflow/trainer";
import { type BenchCase, type BenchSuite, expectTrue } from "../case.ts";

const FEATURES = 33;
const FLOWS = 16_384;
const BATCHES = [256, 4096];

/** Training steps of the default network, each engine from the same weights on the same made-up features. */
export async function trainingSuite(): Promise<BenchSuite> {
  const shape = networkShape(FEATURES, DEFAULT_NETWORK);
  const features = Float32Array.from(
    { length: FLOWS * FEATURES },
    (_, i) => Math.sin(i * 0.7) + Math.cos(i * i * 0.01),
  );
  const rows = Uint32Array.from({ length: FLOWS }, (_, row) => row);
  const cases: BenchCase[] = [];
  const closing: (() => Promise<void>)[] = [];
  for (const engine of [createOnnxEngine()]) {
    for (const batch of BATCHES) {
      const run = await engine.start({
        shape,
        weights: initialWeights(shape, 1),
        features,
        optimiser: DEFAULT_OPTIMISER,
        seed: 1,
      });
      closing.push(() => run.close());
      cases.push({
        name: `${engine.name} on ${engine.provider}, batch ${batch.toLocaleString("en-US")}`,
        flows: FLOWS,
        check: async () => {
          const [first = 0] = await run.train(rows, batch, 1e-3);
          const last = (await run.train(rows, batch, 1e-3)).at(-1) ?? Infinity;
          expectTrue(last < first, `the loss went from ${first} to ${last}`);
        },
        run: () => run.train(rows, batch, 1e-3),
      });
    }
  }
  return {
    title: "Training, forward, backward, Adam and dropout, network 33-256-128-64-16",
    cases,
    close: async () => {
      for (const close of closing) await close();
    },
  };
}
