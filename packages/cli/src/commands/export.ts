import { mkdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { BUDGET, DEFAULT_BUDGET, type InputRank, makePortable, type PortableModel } from "@oddflow/detector";
import { inFile } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import { findOutputPlace, type OutputPlace } from "@oddflow/tables";
import type { Argv } from "yargs";
import { MODEL_OR_DEFAULT } from "../default-model.ts";
import type { ExportedFile } from "../export/exported-file.ts";
import { ANY_PLATFORM, PLATFORMS, type PlatformName } from "../export/platforms.ts";
import { type IdleOption, refuseIdle } from "../idle-options.ts";
import { numberIn } from "../option-values.ts";
import { readModel } from "../read-model.ts";
import type { Command } from "../run-command.ts";
import { oneLine, print } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

interface ExportArguments {
  model: string;
  out: string;
  inputs: "columns" | "flows";
  rank: InputRank | undefined;
  budget: number;
  for: PlatformName | undefined;
  trust: string | undefined;
}

export const exportCommand: Command<ExportArguments> = {
  builder: (parser) =>
    parser
      .positional("model", MODEL_OR_DEFAULT)
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        demandOption: true,
        describe: "Where the model goes: a file, or a folder with --for",
      })
      .option("for", {
        requiresArg: true,
        choices: Object.keys(PLATFORMS) as PlatformName[],
        describe: "Write what this platform needs beside the model",
      })
      .option("inputs", {
        requiresArg: true,
        choices: ["columns", "flows"] as const,
        default: "columns" as const,
        describe: "One input a column, by its name; or one for all of them, with categories as codes",
      })
      .option("rank", {
        requiresArg: true,
        type: "number",
        choices: ANY_PLATFORM.ranks,
        defaultDescription: "what the platform takes, else 2",
        describe: "Dimensions of a column's input: 1 for [batch], 2 for [batch, 1]",
      })
      .option("budget", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_BUDGET,
        coerce: numberIn("budget", BUDGET),
        describe: "Share of usual flows that may be an anomaly",
      })
      .option("trust", TRUST_OPTION)
      .example("$0 export model.onnx -o portable.onnx", "a model that any onnxruntime takes as it is")
      .example(
        "$0 export model.onnx --for spark -o scoring",
        "the same in a folder, and a PySpark program",
      ) as unknown as Argv<ExportArguments>,
  handler: exportModel,
};

const IDLE_OPTIONS: readonly IdleOption<ExportArguments>[] = [
  {
    option: "rank",
    isIdle: ({ inputs }) => inputs === "flows",
    isFor: "is for one input a column, and --inputs says flows",
  },
];

async function exportModel(options: ExportArguments): Promise<void> {
  refuseIdle(options, IDLE_OPTIONS);
  const { model, out } = options;
  const platform = options.for === undefined ? undefined : PLATFORMS[options.for];
  const { ranks, takesColumnErrors, needsIdentifiers } = platform ?? ANY_PLATFORM;
  const rank = options.rank ?? ranks[0];
  if (!ranks.includes(rank)) {
    throw new OddflowError(
      "USAGE",
      `--rank ${rank}: ${options.for} takes ${ranks.join(" or ")}; leave it out`,
    );
  }
  if (platform !== undefined && options.inputs === "flows") {
    throw new OddflowError(
      "USAGE",
      `--inputs flows: what --for ${options.for} writes is for one input a column; leave one of them out`,
    );
  }
  const bytes = await readModel(model, options.trust);
  const portable = await inFile(model, () =>
    makePortable(bytes, {
      inputs: options.inputs,
      rank,
      budget: options.budget,
      columnErrors: takesColumnErrors,
      identifiers: needsIdentifiers,
    }),
  );
  const files = platform?.files(portable, basename(resolve(out)));
  await (files === undefined
    ? write(out, model, { path: "", content: portable.bytes })
    : writeFolder(out, model, files));
  print(describe(portable, options, files));
}

async function writeFolder(folder: string, model: string, files: readonly ExportedFile[]): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
      throw new OddflowError(
        "OUTPUT_UNWRITABLE",
        `write output: ${dirname(path)} cannot be made: the system says ${code}; name another folder`,
        { cause },
      );
    });
    await write(path, model, file);
  }
}

async function write(path: string, model: string, { content }: ExportedFile): Promise<void> {
  const place: OutputPlace = await findOutputPlace(path, [{ path: model }]);
  try {
    await place.fill(typeof content === "string" ? new TextEncoder().encode(content) : content);
    await place.take();
  } catch (error) {
    await place.discard();
    throw error;
  }
}

function describe(
  { inputs, outputs, threshold, contextColumns }: PortableModel,
  { out, budget, inputs: form }: ExportArguments,
  files: readonly ExportedFile[] | undefined,
): string {
  const shape = (values: number | undefined): string => (values === undefined ? "" : `, ${values}`);
  const columns =
    form === "flows"
      ? `${inputs[0]?.name}, float32 [batch${shape(inputs[0]?.values)}]`
      : `${inputs.length}, one a column: float32, NaN where a value is missing` +
        (inputs.some(({ type }) => type === "text")
          ? "; text for categories, empty where one is missing"
          : "");
  return [
    `inputs     ${oneLine(columns)}`,
    `outputs    ${outputs.map(({ name, values }) => `${name} [batch${shape(values)}]`).join(", ")}`,
    `threshold  ${threshold.toPrecision(5)}, of the budget ${budget}`,
    ...(contextColumns.length === 0
      ? []
      : [
          `note       ${contextColumns.length} columns say what a flow is counted in (${oneLine(contextColumns.slice(0, 2).join(", "))}, ...): they have to come ` +
            "with the flows, which no platform",
          "           but Oddflow counts; for others train with `--context off`",
        ]),
    `written    ${files === undefined ? out : files.map(({ path }) => join(out, path)).join(", ")}`,
    "",
  ].join("\n");
}
