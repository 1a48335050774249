import {
  type DetectorMetadata,
  encodeDetectorMetadata,
  parseDetectorMetadata,
  type RecentFlows,
  recalibrate,
  trainedThreshold,
  Verdict,
} from "@oddflow/detector";
import { createScorer, inFile, PROVIDERS } from "@oddflow/inference/node";
import { readModelSummary, replaceMetadata, SIGNATURE_KEY, sealModel } from "@oddflow/onnx";
import { isInRange, limitsText, OddflowError, type OptionRange, rangeText } from "@oddflow/preprocessing";
import { checkColumns, findOutputPlace } from "@oddflow/tables";
import type { Argv } from "yargs";
import { openFlows } from "../fetched-flows.ts";
import { tellReadings } from "../format-reading.ts";
import { formatRecalibration } from "../format-recalibration.ts";
import { FLOW_FILES, FROM_OPTION } from "../from-option.ts";
import { numberIn, parsed } from "../option-values.ts";
import { scoringBar } from "../progress.ts";
import { readModel } from "../read-model.ts";
import { scoreRecentFlows } from "../recent-flows.ts";
import { type Command, EXIT_STATUS, filesOnly, interruptSignal } from "../run-command.ts";
import { complain, print } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

interface RecalibrateArguments {
  model: string;
  flows: string[];
  out: string;
  contamination: number | "auto";
  limit: number;
  provider: (typeof PROVIDERS)[number];
  json: boolean;
  trust: string | undefined;
  from: string | undefined;
}

/** Where more than half of the recent flows would have raised an alarm, the model does not know what is usual any more. */
const DEFAULT_LIMIT = 0.5;
const LIMIT: OptionRange = { above: 0, to: 1 };
const CONTAMINATION: OptionRange = { from: 0, to: 0.5 };

export const recalibrateCommand: Command<RecalibrateArguments> = {
  builder: (parser) =>
    parser
      .positional("model", { type: "string", demandOption: true, describe: "Model file" })
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: `Recent flows. ${FLOW_FILES}`,
      })
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        demandOption: true,
        describe: "Where the model goes; may be the model itself",
      })
      .option("contamination", {
        requiresArg: true,
        type: "string",
        default: "0",
        coerce: parsed(parseContamination),
        describe: `Share of the recent flows to leave out as attacks, ${limitsText(CONTAMINATION)}; auto guesses it`,
      })
      .option("limit", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_LIMIT,
        coerce: numberIn("limit", LIMIT),
        describe: "Refuse when a larger share of the flows reaches the trained threshold for 1 %",
      })
      .option("provider", {
        requiresArg: true,
        choices: PROVIDERS,
        default: "auto" as const,
        describe: "Where the model runs",
      })
      .option("trust", TRUST_OPTION)
      .option("from", FROM_OPTION)
      .option("json", { type: "boolean", default: false, describe: "Print the report as JSON" })
      .example(
        "$0 recalibrate model.onnx yesterday.parquet -o model.onnx",
        "the same network, new thresholds",
      ) as unknown as Argv<RecalibrateArguments>,
  handler: recalibrateModel,
};

async function recalibrateModel(options: RecalibrateArguments): Promise<void> {
  const signal = interruptSignal();
  filesOnly("recalibrate", options.flows);
  const { model, out, limit, contamination } = options;
  const leftOut = contamination === "auto" ? undefined : contamination;
  const bytes = await readModel(model, options.trust);
  const { summary, metadata } = await inFile(model, () => {
    const found = readModelSummary(bytes);
    return { summary: found, metadata: parseDetectorMetadata(found) };
  });
  const recent = await readRecentFlows(bytes, options, metadata, signal);
  const { thresholds, training, report } = recalibrate(metadata, recent, leftOut);
  const isTooFar = report.shareOverTrained > limit;
  if (!isTooFar) {
    const renewed = encodeDetectorMetadata({ ...metadata, thresholds, training });
    const changed = [...renewed].filter(([key, value]) => summary.metadata.get(key) !== value);
    const place = await findOutputPlace(out, []);
    try {
      await place.fill(sealModel(replaceMetadata(bytes, new Map(changed))));
      await place.take();
    } catch (error) {
      await place.discard();
      throw error;
    }
  }
  const calendar = metadata.spec.context?.calendar
    ? "calendar   as it was trained: recent flows set thresholds, and what is usual at which hour stays\n"
    : "";
  const written = isTooFar ? null : out;
  const signatureDropped = !isTooFar && summary.metadata.has(SIGNATURE_KEY);
  const dropped = signatureDropped
    ? "signature  gone, as the model is another now; sign it with `oddflow sign`\n"
    : "";
  print(
    options.json
      ? `${JSON.stringify({ model, written, signatureDropped, ...report })}\n`
      : `${formatRecalibration(report)}${calendar}${dropped}${isTooFar ? "" : `written    ${out}\n`}`,
  );
  if (isTooFar) {
    complain(
      `recalibrate: ${(100 * report.shareOverTrained).toFixed(1)} % of the recent flows reach the trained threshold for 1 %, ` +
        `more than --limit ${limit}; nothing was written: train a model on recent flows\n`,
    );
    process.exitCode = EXIT_STATUS.moved;
  }
}

/** Checks where the model goes before the work, so that it is not for nothing. */
async function readRecentFlows(
  bytes: Uint8Array,
  { model, flows, from, out, provider, json }: RecalibrateArguments,
  metadata: DetectorMetadata,
  signal: AbortSignal,
): Promise<RecentFlows> {
  const scorer = await inFile(model, () => createScorer(bytes, { provider }));
  try {
    const table = await openFlows(flows, { from, signal });
    const bar = scoringBar(table.rows);
    try {
      await checkColumns(table, scorer.ownColumns, scorer.context);
      await (
        await findOutputPlace(
          out,
          table.paths.map((path) => ({ path })),
        )
      ).discard();
      const verdict = new Verdict(trainedThreshold(metadata));
      const withErrors = metadata.thresholds.columnErrors !== undefined;
      const recent = await scoreRecentFlows(table, scorer, verdict, withErrors, signal, (done) =>
        bar.update(done),
      );
      bar.stop();
      tellReadings(table.readings, json);
      return recent;
    } finally {
      bar.stop();
      table.close();
    }
  } finally {
    await scorer.close();
  }
}

function parseContamination(text: string): number | "auto" {
  if (text === "auto") return text;
  const share = Number(text);
  if (text.trim() !== "" && isInRange(share, CONTAMINATION)) return share;
  throw new OddflowError("USAGE", `--contamination ${text}: expected auto, or ${rangeText(CONTAMINATION)}`);
}
