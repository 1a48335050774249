import {
  DESCRIBED_BUDGETS,
  type DetectorMetadata,
  FORMAT_KEY,
  isExtrapolated,
  parseDetectorMetadata,
  type ScoreTail,
  thresholdForBudget,
} from "@oddflow/detector";
import { inFile } from "@oddflow/inference/node";
import { DIGEST_KEY, type ModelSummary, readModelSummary, readSignature } from "@oddflow/onnx";
import type { ColumnSpec } from "@oddflow/preprocessing";
import type { Argv } from "yargs";
import { MODEL_OR_DEFAULT } from "../default-model.ts";
import { rate } from "../progress.ts";
import { readModel } from "../read-model.ts";
import type { Command } from "../run-command.ts";
import { formatContext } from "../table-context.ts";
import { oneLine, print } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

interface InspectArguments {
  model: string;
  json: boolean;
  trust: string | undefined;
}

export const inspectCommand: Command<InspectArguments> = {
  builder: (parser) =>
    parser.positional("model", MODEL_OR_DEFAULT).option("trust", TRUST_OPTION).option("json", {
      type: "boolean",
      default: false,
      describe: "Print all of it as JSON",
    }) as Argv<InspectArguments>,
  handler: inspect,
};

async function inspect({ model, json, trust }: InspectArguments): Promise<void> {
  const bytes = await readModel(model, trust);
  const { summary, metadata } = await inFile(model, () => {
    const found = readModelSummary(bytes);
    return { summary: found, metadata: parseDetectorMetadata(found) };
  });
  const text = json
    ? JSON.stringify({
        file: model,
        bytes: bytes.length,
        opset: summary.opset,
        ...seals(summary),
        ...metadata,
      })
    : formatModel(model, bytes.length, summary, metadata, trust);
  print(`${text}\n`);
}

/** What says that the file is whole, and whose: null where it has none. */
function seals({ metadata }: ModelSummary): {
  readonly format: string | null;
  readonly digest: string | null;
  readonly signedWith: string | null;
} {
  return {
    format: metadata.get(FORMAT_KEY) ?? null,
    digest: metadata.get(DIGEST_KEY) ?? null,
    signedWith: readSignature(metadata)?.keyId ?? null,
  };
}

function formatModel(
  path: string,
  bytes: number,
  summary: ModelSummary,
  metadata: DetectorMetadata,
  trust: string | undefined,
): string {
  const { format, digest, signedWith } = seals(summary);
  const { spec, thresholds, training } = metadata;
  const nameWidth = Math.max(...spec.columns.map((column) => oneLine(column.name).length));
  const signature = (values: ModelSummary["inputs"]): string =>
    values.map(({ name, shape }) => oneLine(`${name} [${shape.join(", ")}]`)).join(", ");
  return [
    `${path}: ${rate(bytes)} bytes, opset ${summary.opset}, ${summary.nodes} nodes`,
    `input   ${signature(summary.inputs)}`,
    `output  ${signature(summary.outputs)}`,
    `format  ${format}${digest === null ? ", without a digest: damage may go unnoticed" : `, SHA-256 ${digest}`}`,
    signedWith === null
      ? "signed  by nobody"
      : `signed  with the key ${signedWith}${trust === undefined ? ", which --trust KEY checks" : `, which is in ${trust}`}`,
    "",
    `Columns (${spec.columns.length})`,
    ...spec.columns.map(
      (column) => `  ${oneLine(column.name).padEnd(nameWidth)}  ${oneLine(describe(column))}`,
    ),
    ...(spec.context === undefined ? [] : ["", formatContext({ spec: spec.context })]),
    "",
    `Thresholds, from ${rate(thresholds.heldBack.flows)} held-back flows`,
    ...DESCRIBED_BUDGETS.map((budget) => {
      const score = thresholdForBudget(thresholds.heldBack, budget).toPrecision(5);
      const caution = isExtrapolated(thresholds.heldBack, budget)
        ? ", extrapolated: no held-back flow shows a score as rare"
        : "";
      return `  budget ${`${100 * budget} %`.padEnd(6)} score ${score}${caution}`;
    }),
    ...tailLines(thresholds.heldBack.tail),
    ...(thresholds.youden === undefined
      ? []
      : [`  best Youden J  score ${thresholds.youden.toPrecision(5)} (on labelled validation flows)`]),
    "",
    "Training",
    ...Object.entries(training)
      .filter(([key]) => key !== "epochs")
      .map(
        ([key, value]) =>
          `  ${oneLine(key).padEnd(14)} ${typeof value === "string" ? oneLine(value) : JSON.stringify(value)}`,
      ),
  ].join("\n");
}

function tailLines(tail: ScoreTail | undefined): string[] {
  if (tail === undefined) return ["  no tail: too few held-back flows, or the highest scores are alike"];
  const { share, threshold, shape, scale } = tail;
  return [
    `  tail          the highest ${(100 * share).toFixed(1)} %, above ${short(threshold)}: generalised Pareto, ` +
      `shape ${short(shape)}, scale ${short(scale)}`,
  ];
}

function describe(column: ColumnSpec): string {
  if (column.kind === "number") {
    const { transform, median, mean, scale } = column;
    const figures = `median ${short(median)}, mean ${short(mean)}, deviation ${short(scale)}`;
    return `number    ${figures}${transform === "identity" ? "" : `, ${transform}`}`;
  }
  const { vocabulary, encoding, missingCode } = column;
  const shown = vocabulary.slice(0, 8).join(" ");
  const more = vocabulary.length > 8 ? ` and ${vocabulary.length - 8} more` : "";
  return `category  ${encoding}, missing as ${vocabulary[missingCode] ?? "unseen"}: ${shown}${more}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
