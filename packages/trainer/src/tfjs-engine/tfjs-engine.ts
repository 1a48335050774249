import type { TrainingEngine } from "../engine.ts";
import { describeRuntime, loadTfjs, type TfjsRuntime } from "./load-tfjs.ts";
import type { Tfjs, TfjsModule } from "./tfjs-namespace.ts";
import type { TfjsProvider } from "./tfjs-package.ts";
import { TfjsTrainingRun } from "./training-run.ts";

/** How tfjs trains. */
export interface TfjsEngineOptions {
  /** "cpu" is @tensorflow/tfjs-node, "gpu" is @tensorflow/tfjs-node-gpu and a GPU that it finds. Default "cpu". */
  readonly provider?: TfjsProvider;
  /** A tfjs that is loaded already, in place of tfjs-node; the engine stays on the backend that is current now. */
  readonly tf?: TfjsModule;
}

export interface TfjsEngine extends TrainingEngine {
  readonly provider: TfjsProvider;
  /**
   * What the engine runs on. Loads tfjs.
   * @throws OddflowError PROVIDER_UNAVAILABLE, as `start` does.
   */
  runtime(): Promise<TfjsRuntime>;
}

/**
 * The engine whose training step is made of tfjs operations, run by libtensorflow under tfjs-node. tfjs is loaded at
 * the first `start`; a provider that cannot be had makes that reject with PROVIDER_UNAVAILABLE, saying what is missing.
 * `train` blocks the thread for the length of its steps.
 */
export function createTfjsEngine(options: TfjsEngineOptions = {}): TfjsEngine {
  const provider = options.provider ?? "cpu";
  const { tf } = options;
  const backend = tf?.getBackend();
  const load = async (): Promise<Tfjs> => {
    if (tf === undefined || backend === undefined) return loadTfjs(provider);
    await tf.setBackend(backend);
    return tf as Tfjs;
  };
  return {
    name: "tfjs",
    provider,
    describe: async () => runtimeText(describeRuntime(await load())),
    runtime: async () => describeRuntime(await load()),
    start: async (start) => new TfjsTrainingRun(await load(), start),
  };
}

function runtimeText({ package: name, tfjsVersion, backend, libtensorflow, gpu }: TfjsRuntime): string {
  if (libtensorflow === null) return `${name} ${tfjsVersion} on its ${backend} backend`;
  return `${name} ${tfjsVersion} on libtensorflow ${libtensorflow}, ${gpu ? "on a GPU" : "no GPU found"}`;
}
