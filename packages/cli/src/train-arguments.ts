import { OddflowError } from "@oddflow/inference/node";
import type { CategoryEncoding, NumberTransform, RoleSource } from "@oddflow/preprocessing";
import {
  type Cleaning,
  DEFAULT_NETWORK,
  DEFAULT_SCHEDULE,
  DETECTOR_NAMES,
  DETECTOR_PREPROCESSING,
  type DetectorName,
  ENGINE_NAMES,
  type EngineName,
  type Protocol,
  TRAINING_PROVIDERS,
  type TrainDetectorOptions,
  type TrainingProvider,
} from "@oddflow/trainer";
import type { Argv } from "yargs";
import { FROM_OPTION } from "./from-option.ts";
import { type IdleOption, refuseIdle } from "./idle-options.ts";
import { MOST_THREADS } from "./run-command.ts";

/** What `--attacks-in-training` was called. Elsewhere the word means the share of attacks that is assumed, as for `recalibrate`. */
export const FORMER_NAME = "contamination";

const PROTOCOLS: readonly Protocol[] = ["held-out", "reference"];
const ROLE_SOURCES: readonly RoleSource[] = ["auto", "reference"];
const TRANSFORMS: readonly NumberTransform[] = ["identity", "signed-log1p"];
const ENCODINGS: readonly CategoryEncoding[] = ["label", "one-hot"];

export interface TrainArguments {
  flows: string[];
  from: string | undefined;
  out: string;
  protocol: Protocol;
  seed: number;
  subset: number | undefined;
  attacksInTraining: number | undefined;
  roles: RoleSource;
  role: string[];
  detector: DetectorName | undefined;
  clean: string | undefined;
  transform: NumberTransform | undefined;
  encoding: CategoryEncoding | undefined;
  hidden: string;
  latent: number;
  dropout: string | undefined;
  epochs: number | undefined;
  batchSize: number;
  learningRate: number;
  engine: EngineName;
  provider: TrainingProvider;
  threads: number | undefined;
  report: string | undefined;
  json: boolean;
}

/** The options of `oddflow train`. */
export function trainOptions(parser: Argv): Argv<TrainArguments> {
  return parser
    .positional("flows", {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Parquet, CSV or NDJSON files or globs",
    })
    .option("out", {
      requiresArg: true,
      alias: "o",
      type: "string",
      default: "model.onnx",
      describe: "Model file to write",
    })
    .option("from", FROM_OPTION)
    .option("protocol", {
      requiresArg: true,
      choices: PROTOCOLS,
      default: "held-out" as const,
      describe: "How rows are split and what is fitted on which",
    })
    .option("seed", {
      requiresArg: true,
      type: "number",
      default: 1,
      describe: "Seed of every random choice",
    })
    .option("subset", {
      requiresArg: true,
      type: "number",
      describe: "Share (to 1) or number (above 1) of flows to use  [default: all]",
    })
    .option("attacks-in-training", {
      alias: FORMER_NAME,
      requiresArg: true,
      type: "number",
      describe: "Share of labelled attacks to put among training flows, 0 to 0.2  [default: 0.05]",
    })
    .option("roles", {
      requiresArg: true,
      choices: ROLE_SOURCES,
      default: "auto" as const,
      describe: "Where column roles come from",
    })
    .option("role", {
      requiresArg: true,
      type: "string",
      array: true,
      default: [] as string[],
      describe: "COLUMN=identifier|label|category|number",
    })
    .option("detector", {
      requiresArg: true,
      choices: DETECTOR_NAMES,
      describe: "How features and scores are made  [default: robust; reference by the reference protocol]",
    })
    .option("clean", {
      requiresArg: true,
      type: "string",
      describe:
        "Attacks among the training flows: auto, off, or the share to take for odd at first  [default: auto]",
    })
    .option("transform", {
      requiresArg: true,
      choices: TRANSFORMS,
      describe: "Of numbers  [default: the detector's]",
    })
    .option("encoding", {
      requiresArg: true,
      choices: ENCODINGS,
      describe: "Of categories  [default: the detector's]",
    })
    .option("hidden", {
      requiresArg: true,
      type: "string",
      default: DEFAULT_NETWORK.hidden.join(","),
      describe: "Units of the encoder's layers",
    })
    .option("latent", {
      requiresArg: true,
      type: "number",
      default: DEFAULT_NETWORK.latent,
      describe: "Units of the latent layer",
    })
    .option("dropout", {
      requiresArg: true,
      type: "string",
      describe: "Rates of the encoder's layers  [default: 0.3 after the first, 0.2 after the others]",
    })
    .option("epochs", {
      requiresArg: true,
      type: "number",
      describe: "Most epochs  [default: by the detector and the number of rows]",
    })
    .option("batch-size", {
      requiresArg: true,
      type: "number",
      default: DEFAULT_SCHEDULE.batchSize,
      describe: "Flows a step",
    })
    .option("learning-rate", {
      requiresArg: true,
      type: "number",
      default: DEFAULT_SCHEDULE.learningRate,
      describe: "Adam's, at the start",
    })
    .option("engine", {
      requiresArg: true,
      choices: ENGINE_NAMES,
      default: "auto" as const,
      describe: "What takes the training steps",
    })
    .option("provider", {
      requiresArg: true,
      choices: TRAINING_PROVIDERS,
      default: "auto" as const,
      describe: "Where the training steps run",
    })
    .option("threads", {
      requiresArg: true,
      type: "number",
      describe: "Threads on the CPU  [default: one a core]",
    })
    .option("report", {
      requiresArg: true,
      type: "string",
      describe: "HTML page to write, with figures of the test part",
    })
    .option("json", { type: "boolean", default: false, describe: "Print the result as JSON" })
    .example("$0 train flows.parquet -o model.onnx", "train on a table")
    .example(
      "$0 train flows.csv --role vlan=category --role label=label",
      "say what columns are",
    ) as unknown as Argv<TrainArguments>;
}

/**
 * What the options say of the detector.
 * @throws OddflowError USAGE for a value that cannot be used.
 */
export function detectorOptions(options: TrainArguments): TrainDetectorOptions {
  checkOptions(options);
  refuseIdle(options, IDLE_OPTIONS);
  const detector = detectorOf(options);
  const hidden = numbers("--hidden", options.hidden);
  return {
    protocol: options.protocol,
    seed: options.seed,
    ...(options.subset === undefined ? {} : { subset: options.subset }),
    ...(options.attacksInTraining === undefined ? {} : { contamination: options.attacksInTraining }),
    detector,
    clean: parseCleaning(options.clean ?? "auto"),
    preprocessing: {
      ...DETECTOR_PREPROCESSING[detector],
      ...(options.transform === undefined ? {} : { transform: options.transform }),
      ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    },
    network: {
      hidden,
      latent: options.latent,
      dropout: options.dropout === undefined ? defaultDropout(hidden) : numbers("--dropout", options.dropout),
    },
    schedule: {
      batchSize: options.batchSize,
      learningRate: options.learningRate,
      ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
    },
  };
}

/** The default network's rates; further layers have its last one. */
function defaultDropout(hidden: readonly number[]): number[] {
  const { dropout } = DEFAULT_NETWORK;
  return hidden.map((_units, layer) => dropout[Math.min(layer, dropout.length - 1)] ?? 0);
}

function detectorOf({ detector, protocol }: TrainArguments): DetectorName {
  return detector ?? (protocol === "reference" ? "reference" : "robust");
}

const IDLE_OPTIONS: readonly IdleOption<TrainArguments>[] = [
  {
    option: "clean",
    isIdle: (options) => detectorOf(options) === "reference",
    isFor: "is for the robust detector, and the reference detector cleans nothing",
  },
  {
    option: "threads",
    isIdle: ({ engine }) => engine === "tfjs",
    isFor: "is for the onnx engine, and TensorFlow.js takes a thread a core",
  },
  {
    option: "threads",
    isIdle: ({ provider }) => provider === "cuda" || provider === "webgpu",
    isFor: "is for the CPU, and --provider names a GPU",
  },
];

function checkOptions({ epochs, batchSize, learningRate, threads, seed }: TrainArguments): void {
  const whole = { epochs: epochs ?? 1, "batch-size": batchSize, threads: threads ?? 1 };
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isInteger(value) || value < (name === "batch-size" ? 2 : 1)) {
      const least = name === "batch-size" ? 2 : 1;
      throw new OddflowError("USAGE", `--${name} ${value}: expected a whole number of ${least} or more`);
    }
  }
  if (threads !== undefined && threads > MOST_THREADS) {
    throw new OddflowError("USAGE", `--threads ${threads}: expected at most ${MOST_THREADS}`);
  }
  if (!Number.isInteger(seed)) throw new OddflowError("USAGE", `--seed ${seed}: expected a whole number`);
  if (!(learningRate > 0))
    throw new OddflowError("USAGE", `--learning-rate ${learningRate}: expected a number above 0`);
}

function parseCleaning(text: string): Cleaning {
  if (text === "auto" || text === "off") return text;
  const share = Number(text);
  if (text.trim() === "" || !(share > 0 && share <= 0.5)) {
    throw new OddflowError("USAGE", `--clean ${text}: expected auto, off, or a share above 0 and up to 0.5`);
  }
  return share;
}

function numbers(option: string, text: string): number[] {
  const parts = text.split(",");
  const values = parts.map(Number);
  if (parts.some((part) => part.trim() === "") || values.some((value) => !Number.isFinite(value))) {
    throw new OddflowError("USAGE", `${option} ${text}: expected numbers with commas between them`);
  }
  return values;
}
