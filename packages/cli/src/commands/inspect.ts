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
import { formatCalendar } from "../format-calendar.ts";
import { tellReadings } from "../format-reading.ts";
import { FROM_OPTION } from "../from-option.ts";
import { refuseIdle } from "../idle-options.ts";
import { rate } from "../progress.ts";
import { readModel } from "../read-model.ts";
import { type Command, filesOnly, interruptSignal } from "../run-command.ts";
import { formatContext } from "../table-context.ts";
import { type TableRate, tableRate } from "../table-rate.ts";
import { oneLine, print } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

interface InspectArguments {
  model: string;
  json: boolean;
  trust: string | undefined;
  budgets: string | undefined;
  time: string | undefined;
  from: string | undefined;
}

const DAY = 86_400;

const OF_BUDGETS = "is for the table of --budgets";

export const inspectCommand: Command<InspectArguments> = {
  builder: (parser) =>
    parser
      .positional("model", MODEL_OR_DEFAULT)
      .option("budgets", {
        requiresArg: true,
        type: "string",
        describe: "Say what each budget comes to in alarms a day at the rate of this table's flows",
      })
      .option("time", {
        requiresArg: true,
        type: "string",
        describe: "Column of times, for --budgets  [default: found by its name]",
      })
      .option("from", FROM_OPTION)
      .option("trust", TRUST_OPTION)
      .option("json", {
        type: "boolean",
        default: false,
        describe: "Print all of it as JSON",
      })
      .example(
        "$0 inspect model.onnx --budgets yesterday.parquet",
        "how many alarms a day a budget means",
      ) as unknown as Argv<InspectArguments>,
  handler: inspect,
};

async function inspect(options: InspectArguments): Promise<void> {
  const { model, json, trust, budgets, time, from } = options;
  refuseIdle(options, [
    { option: "time", isIdle: () => budgets === undefined, isFor: OF_BUDGETS },
    { option: "from", isIdle: () => budgets === undefined, isFor: OF_BUDGETS },
  ]);
  const bytes = await readModel(model, trust);
  const { summary, metadata } = await inFile(model, () => {
    const found = readModelSummary(bytes);
    return { summary: found, metadata: parseDetectorMetadata(found) };
  });
  const measured = budgets === undefined ? undefined : await rateOf(budgets, { time, from }, json);
  const text = json
    ? JSON.stringify({
        file: model,
        bytes: bytes.length,
        opset: summary.opset,
        ...seals(summary),
        ...metadata,
        ...(measured ? { budgets: budgetsAt(measured, metadata) } : {}),
      })
    : formatModel(model, bytes.length, summary, metadata, trust, measured);
  print(`${text}\n`);
}

/** The rate of a table's flows, which are not scored. @param files a file or a glob */
async function rateOf(
  files: string,
  { time, from }: Pick<InspectArguments, "time" | "from">,
  json: boolean,
): Promise<TableRate> {
  filesOnly("inspect --budgets", [files]);
  const signal = interruptSignal();
  const { openFlows } = await import("../fetched-flows.ts");
  const table = await openFlows(files, { from, signal });
  try {
    const found = await tableRate(table, time, { option: "--budgets" });
    tellReadings(table.readings, json);
    return found;
  } finally {
    table.close();
  }
}

/** What the described budgets come to, as is printed for programs. */
function budgetsAt(
  { flowsASecond, text }: TableRate,
  { thresholds: { heldBack } }: DetectorMetadata,
): Readonly<Record<string, unknown>> {
  return {
    flowsADay: flowsASecond * DAY,
    rate: text,
    budgets: DESCRIBED_BUDGETS.map((share) => ({
      share,
      score: thresholdForBudget(heldBack, share),
      alarmsADay: share * flowsASecond * DAY,
      extrapolated: isExtrapolated(heldBack, share),
    })),
  };
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
  measured: TableRate | undefined,
): string {
  const { format, digest, signedWith } = seals(summary);
  const { spec, thresholds, training } = metadata;
  const calendar = formatCalendar(training);
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
    ...(calendar === undefined ? [] : [`Calendar: ${calendar}`]),
    "",
    `Thresholds, from ${rate(thresholds.heldBack.flows)} held-back flows`,
    ...DESCRIBED_BUDGETS.map((budget) => {
      const score = thresholdForBudget(thresholds.heldBack, budget).toPrecision(5);
      const caution = isExtrapolated(thresholds.heldBack, budget)
        ? ", extrapolated: no held-back flow shows a score as rare"
        : "";
      const alarms = measured && rate(budget * measured.flowsASecond * DAY);
      const daily = alarms === undefined ? "" : `  ${alarms.padStart(14)} alarms a day`;
      return `  budget ${`${100 * budget} %`.padEnd(6)} score ${score}${daily}${caution}`;
    }),
    ...(measured === undefined ? [] : [`  of usual flows  ${measured.text}`]),
    ...tailLines(thresholds.heldBack.tail),
    ...(thresholds.youden === undefined
      ? []
      : [`  best Youden J  score ${thresholds.youden.toPrecision(5)} (on labelled validation flows)`]),
    "",
    "Training",
    ...Object.entries(training)
      .filter(([key]) => key !== "epochs" && (key !== "calendar" || calendar === undefined))
      .map(
        ([key, value]) =>
          `  ${oneLine(key).padEnd(14)} ${typeof value === "string" ? oneLine(value) : JSON.stringify(value, withoutEpochs)}`,
      ),
  ].join("\n");
}

/** Losses of all epochs are for machines and reports. */
function withoutEpochs(key: string, value: unknown): unknown {
  return key === "epochs" && Array.isArray(value) ? undefined : value;
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
  if (column.kind === "number" && column.isHour)
    return "hour      0 to 167 from Monday 00:00 UTC, no feature";
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
