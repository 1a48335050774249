import { FLOWS_TABLE, fromRoot, OWN_COMMAND } from "../inputs.ts";
import { runProgram } from "../processes/run-program.ts";
import { makeOnce } from "./make-once.ts";

/** Speed does not depend on how well a model was trained. */
const EPOCHS = "3";

/** The shape that the peers have. */
const PEERS_NETWORK = ["--hidden", "256,128,64", "--latent", "16", "--dropout", "0.3,0.2,0.2"];

/** The models that are timed, trained on the fixture and kept in bench/data. */
export interface Models {
  /** One autoencoder: what the peers have. */
  readonly oneNetwork: string;
  /** What `oddflow train` makes when nothing is asked for: two small autoencoders. */
  readonly byDefault: string;
}

export async function trainModels(): Promise<Models> {
  return {
    oneNetwork: await trained("one-network", ["--clean", "off", ...PEERS_NETWORK]),
    byDefault: await trained("by-default", []),
  };
}

function trained(name: string, options: readonly string[]): Promise<string> {
  // Rewritten whenever the compiled trainer changes.
  const compiled = ["trainer", "onnx", "preprocessing"].map((folder) =>
    fromRoot(`packages/${folder}/dist/tsconfig.tsbuildinfo`),
  );
  return makeOnce(
    fromRoot(`bench/data/throughput/${name}.onnx`),
    [FLOWS_TABLE, ...compiled],
    async (path) => {
      process.stdout.write(`training a model: ${name}\n`);
      // Context is timed by itself.
      const own = ["--context", "off", "--attacks-in-training", "0"];
      const common = [...own, "--seed", "1", "--epochs", EPOCHS];
      await runProgram(process.execPath, [
        OWN_COMMAND,
        "train",
        FLOWS_TABLE,
        "-o",
        path,
        ...common,
        ...options,
      ]);
    },
  );
}
