import { createRequire } from "node:module";
import { dirname } from "node:path";
import {
  createOnnxEngine,
  createTfjsEngine,
  DEFAULT_OPTIMISER,
  DETECTOR_NETWORK,
  describeTfjs,
  initialWeights,
  networkShape,
  type TfjsModule,
  type TrainingEngine,
} from "@oddflow/trainer";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type BenchCase, type BenchSuite, expectTrue } from "../case.ts";
import { ONNX_ALL_THREADS, TFJS_WASM, trainingCase } from "../case-names.ts";

const FEATURES = 33;

/** The engine knows tfjs by the operations that it uses; tfjs's own types ask for more of a tensor than those give. */
const namespace = tf as unknown as TfjsModule;

interface Contender {
  readonly name: string;
  readonly engine: TrainingEngine;
  readonly batches: readonly number[];
  /** Flows a run: as many as take a fraction of a second. */
  readonly flows: number;
}

/** Training steps of the default network, each engine from the same weights on the same made-up features. */
export async function trainingSuite(): Promise<BenchSuite> {
  const { found, versions, skipped } = await contenders();
  const shape = networkShape(FEATURES, DETECTOR_NETWORK.reference);
  const cases: BenchCase[] = [];
  const closing: (() => Promise<void>)[] = [];
  for (const { name, engine, batches, flows } of found) {
    const features = Float32Array.from(
      { length: flows * FEATURES },
      (_, i) => Math.sin(i * 0.7) + Math.cos(i * i * 0.01),
    );
    const rows = Uint32Array.from({ length: flows }, (_, row) => row);
    for (const batch of batches) {
      const weights = initialWeights(shape, 1);
      const run = await engine.start({ shape, weights, features, optimiser: DEFAULT_OPTIMISER, seed: 1 });
      closing.push(() => run.close());
      cases.push({
        name: trainingCase(name, batch),
        flows,
        check: async () => {
          const [first = 0] = await run.train(rows, batch, 1e-3);
          const last = (await run.train(rows, batch, 1e-3)).at(-1) ?? Infinity;
          expectTrue(last < first, `${name}: the loss went from ${first} to ${last}`);
        },
        run: () => run.train(rows, batch, 1e-3),
      });
    }
  }
  return {
    cases,
    versions,
    skipped,
    close: async () => {
      for (const close of closing) await close();
    },
  };
}

async function contenders(): Promise<{
  found: readonly Contender[];
  versions: Readonly<Record<string, string>>;
  skipped: { name: string; why: string }[];
}> {
  const found: Contender[] = [];
  const versions: Record<string, string> = {};
  const skipped: { name: string; why: string }[] = [];
  const add = (name: string, engine: TrainingEngine, flows: number, batches: number[]): void => {
    found.push({ name, engine, flows, batches });
  };
  add(ONNX_ALL_THREADS, createOnnxEngine(), 16_384, [256, 4096]);
  add("onnx, one thread", createOnnxEngine({ threads: 1 }), 16_384, [256, 4096]);
  const native = await describeTfjs();
  if (native.available) {
    versions["libtensorflow"] = native.libtensorflow ?? "unknown";
    add("tfjs-node", createTfjsEngine(), 16_384, [256, 4096]);
  } else {
    skipped.push({ name: "tfjs-node", why: native.reason ?? "unavailable" });
  }
  versions["@tensorflow/tfjs"] = tf.version_core;
  const wasm = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(wasm)}/`);
  // The engine stays on the backend that is current when it is made.
  await tf.setBackend("wasm");
  add(TFJS_WASM, createTfjsEngine({ tf: namespace }), 512, [256]);
  add(TFJS_WASM, createTfjsEngine({ tf: namespace }), 4096, [4096]);
  await tf.setBackend("cpu");
  add("tfjs, plain CPU backend", createTfjsEngine({ tf: namespace }), 256, [256]);
  return { found, versions, skipped };
}
