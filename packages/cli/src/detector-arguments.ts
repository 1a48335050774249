import { PROVIDERS, type Provider, THREADS } from "@oddflow/inference";
import {
  CATEGORY_ENCODINGS,
  type CategoryEncoding,
  type ColumnRole,
  isInRange,
  limitsText,
  NUMBER_TRANSFORMS,
  type NumberTransform,
  OddflowError,
  type OptionRange,
  ROLE_SOURCES,
  type RoleSource,
  rangeText,
} from "@oddflow/preprocessing";
import {
  ATTACKS_IN_TRAINING,
  CLEANING_SHARE,
  type Cleaning,
  DEFAULT_ATTACKS_IN_TRAINING,
  DEFAULT_CLEANING,
  DEFAULT_DETECTOR,
  DEFAULT_PROTOCOL,
  DEFAULT_SCHEDULE,
  DETECTOR_NAMES,
  DETECTOR_NETWORK,
  DETECTOR_PREPROCESSING,
  type DetectorName,
  DROPOUT,
  defaultDropout,
  ENGINE_NAMES,
  type EngineName,
  type NetworkOptions,
  PROTOCOLS,
  type Protocol,
  SCHEDULE,
  SUBSET,
  UNITS,
} from "@oddflow/trainer";
import type { Argv, Options } from "yargs";
import { parseRoleOverrides } from "./column-roles.ts";
import { CPU_THREADS, type IdleOption, refuseIdle } from "./idle-options.ts";
import { numberIn, numbersIn, parsed, patternsIn } from "./option-values.ts";
import type { DetectorPlan } from "./training-plan.ts";

const CONTEXTS = ["auto", "off"] as const;
const CALENDARS = ["auto", "off"] as const;

/** What says which detector is made of which flows. An option that was not given is undefined. */
export interface DetectorArguments {
  protocol: Protocol | undefined;
  subset: number | undefined;
  attacksInTraining: number | undefined;
  roles: RoleSource | undefined;
  role: ReadonlyMap<string, ColumnRole> | undefined;
  normal: string[] | undefined;
  context: (typeof CONTEXTS)[number] | undefined;
  "context-by": string | undefined;
  calendar: (typeof CALENDARS)[number] | undefined;
  detector: DetectorName | undefined;
  clean: Cleaning | undefined;
  transform: NumberTransform | undefined;
  encoding: CategoryEncoding | undefined;
  hidden: number[] | undefined;
  latent: number | undefined;
  dropout: number[] | undefined;
  epochs: number | undefined;
  batchSize: number | undefined;
  learningRate: number | undefined;
  engine: EngineName | undefined;
  provider: Provider | undefined;
  threads: number | undefined;
}

/** Which columns are labels, and which labels are no attacks. */
export const LABEL_OPTIONS: Readonly<Record<"role" | "normal", Options>> = {
  role: {
    type: "string",
    array: true,
    coerce: parseRoleOverrides,
    describe: "COLUMN=identifier|label|category|number",
  },
  normal: {
    type: "string",
    array: true,
    coerce: patternsIn("normal"),
    defaultDescription: "normal, benign, background, 0...",
    describe: "Labels that are no attacks, such as 'flow=From-Normal*'",
  },
};

/** Of `oddflow train` and of whatever else trains a detector, so that it is the same one. */
const DETECTOR_OPTIONS = {
  protocol: {
    choices: PROTOCOLS,
    defaultDescription: DEFAULT_PROTOCOL,
    describe: "How rows are split and what is fitted on which",
  },
  subset: number("subset", SUBSET, "all", "Share (to 1) or number (above 1) of flows to use"),
  "attacks-in-training": {
    ...number(
      "attacks-in-training",
      ATTACKS_IN_TRAINING,
      String(DEFAULT_ATTACKS_IN_TRAINING),
      "Share of labelled attacks to put among training flows",
    ),
    // Its former name. Elsewhere the word means the share of attacks that is assumed, as for `recalibrate`.
    alias: "contamination",
  },
  roles: {
    choices: ROLE_SOURCES,
    defaultDescription: "auto",
    describe: "Where column roles come from",
  },
  ...LABEL_OPTIONS,
  context: {
    choices: CONTEXTS,
    defaultDescription: "auto; off with the reference's detector or roles",
    describe: "Whether flows are seen beside those before them",
  },
  "context-by": {
    type: "string",
    describe: "Column that keeps networks apart: flows of others are no context",
  },
  calendar: {
    choices: CALENDARS,
    defaultDescription: "auto, where flows have a context and span two weeks",
    describe: "Whether scores are held against their hour of the week",
  },
  detector: {
    choices: DETECTOR_NAMES,
    defaultDescription: `${DEFAULT_DETECTOR[DEFAULT_PROTOCOL]}; ${DEFAULT_DETECTOR.reference} by the reference protocol`,
    describe: "How features and scores are made",
  },
  clean: {
    type: "string",
    coerce: parsed(parseCleaning),
    defaultDescription: String(DEFAULT_CLEANING),
    describe: `Attacks among the training flows: auto, off, or the share to take for odd at first (${limitsText(CLEANING_SHARE)})`,
  },
  transform: { choices: NUMBER_TRANSFORMS, defaultDescription: "the detector's", describe: "Of numbers" },
  encoding: { choices: CATEGORY_ENCODINGS, defaultDescription: "the detector's", describe: "Of categories" },
  hidden: {
    type: "string",
    coerce: numbersIn("hidden", UNITS),
    defaultDescription: ofDetectors(({ hidden }) => hidden.join(",")),
    describe: "Units of the encoder's layers",
  },
  latent: number(
    "latent",
    UNITS,
    ofDetectors(({ latent }) => String(latent)),
    "Units of the latent layer",
  ),
  dropout: {
    type: "string",
    coerce: numbersIn("dropout", DROPOUT),
    defaultDescription: ofDetectors(({ dropout }) => dropout.join(",")),
    describe: `Rates of the encoder's layers, ${limitsText(DROPOUT)}`,
  },
  epochs: number("epochs", SCHEDULE.epochs, "by the detector and the number of rows", "Most epochs"),
  "batch-size": number("batch-size", SCHEDULE.batchSize, String(DEFAULT_SCHEDULE.batchSize), "Flows a step"),
  "learning-rate": number(
    "learning-rate",
    SCHEDULE.learningRate,
    String(DEFAULT_SCHEDULE.learningRate),
    "Adam's at the start",
  ),
  engine: { choices: ENGINE_NAMES, defaultDescription: "auto", describe: "What takes the training steps" },
  provider: { choices: PROVIDERS, defaultDescription: "auto", describe: "Where the training steps run" },
  threads: number("threads", THREADS, "one a core", "Threads on the CPU"),
} as const satisfies Readonly<Record<string, Options>>;

/** What each detector's own network has, for the help. */
function ofDetectors(part: (network: NetworkOptions) => string): string {
  return DETECTOR_NAMES.map((name) => `${part(DETECTOR_NETWORK[name])} (${name})`).join(", ");
}

/** An option that is a number. Its range and its default are in the help. */
function number(name: string, range: OptionRange, byDefault: string, what: string): Options {
  return {
    type: "number",
    coerce: numberIn(name, range),
    defaultDescription: byDefault,
    describe: `${what}, ${limitsText(range)}`,
  };
}

/** As on the command line. */
export const DETECTOR_OPTION_NAMES: readonly string[] = Object.keys(DETECTOR_OPTIONS);

/** Adds the options; `changes` says what some of them mean where detectors are trained for another end. */
export function detectorOptions(
  parser: Argv,
  changes: Readonly<Record<string, Options>> = {},
): Argv<DetectorArguments> {
  const options = Object.entries<Options>(DETECTOR_OPTIONS).map(([name, option]) => [
    name,
    { requiresArg: true, ...option, ...changes[name] },
  ]);
  return parser.options(Object.fromEntries(options)) as unknown as Argv<DetectorArguments>;
}

/**
 * What the options come to, defaults included.
 * @throws OddflowError USAGE for options without effect
 */
export function detectorPlan(options: DetectorArguments): DetectorPlan {
  refuseIdle(options, IDLE_OPTIONS);
  const { protocol = DEFAULT_PROTOCOL, transform, encoding } = options;
  const name = detectorOf(options);
  const hidden = options.hidden ?? DETECTOR_NETWORK[name].hidden;
  const preprocessing = DETECTOR_PREPROCESSING[name];
  return {
    roles: options.roles ?? "auto",
    ownRoles: options.role ?? new Map(),
    normal: options.normal ?? [],
    context: contextOf(options) === "off" ? "off" : { network: options["context-by"] },
    calendar: options.calendar !== "off",
    flows: { protocol, subset: options.subset, attacksInTraining: options.attacksInTraining },
    detector: {
      name,
      clean: options.clean ?? DEFAULT_CLEANING,
      preprocessing: {
        ...preprocessing,
        transform: transform ?? preprocessing.transform,
        encoding: encoding ?? preprocessing.encoding,
      },
      network: {
        hidden,
        latent: options.latent ?? DETECTOR_NETWORK[name].latent,
        dropout: options.dropout ?? defaultDropout(name, hidden.length),
      },
      schedule: {
        batchSize: options.batchSize ?? DEFAULT_SCHEDULE.batchSize,
        learningRate: options.learningRate ?? DEFAULT_SCHEDULE.learningRate,
        ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
      },
    },
    engine: {
      engine: options.engine ?? "auto",
      provider: options.provider ?? "auto",
      threads: options.threads,
    },
  };
}

function detectorOf({ detector, protocol = DEFAULT_PROTOCOL }: DetectorArguments): DetectorName {
  return detector ?? DEFAULT_DETECTOR[protocol];
}

/** The reference detector is what others are measured against: like its notebook, it sees each flow alone. */
function contextOf(options: DetectorArguments): (typeof CONTEXTS)[number] {
  const isReference = detectorOf(options) === "reference" || options.roles === "reference";
  return options.context ?? (isReference ? "off" : "auto");
}

const IDLE_OPTIONS: readonly IdleOption<DetectorArguments>[] = [
  {
    option: "clean",
    isIdle: (options) => detectorOf(options) === "reference",
    isFor: "is for the robust detector, and the reference detector cleans nothing",
  },
  {
    option: "context-by",
    isIdle: (options) => contextOf(options) === "off",
    isFor: "is for flows in their context, which is off",
  },
  {
    option: "calendar",
    isIdle: (options) => contextOf(options) === "off",
    isFor: "is for flows in their context, which is off",
  },
  {
    option: "threads",
    isIdle: ({ engine }) => engine === "tfjs",
    isFor: "is for the onnx engine, and TensorFlow.js takes a thread a core",
  },
  CPU_THREADS,
];

function parseCleaning(text: string): Cleaning {
  if (text === "auto" || text === "off") return text;
  const share = Number(text);
  if (text.trim() === "" || !isInRange(share, CLEANING_SHARE)) {
    throw new OddflowError("USAGE", `--clean ${text}: expected auto, off, or ${rangeText(CLEANING_SHARE)}`);
  }
  return share;
}
