import {
  columnShifts,
  DEFAULT_BUDGET,
  FlowCounter,
  type FlowProfile,
  PSI_MOVED_FAR,
  parseDetectorMetadata,
  populationShift,
  scoreProfile,
} from "@oddflow/detector";
import { scoreRows, Verdict } from "@oddflow/inference";
import { createScorer, inFile, PROVIDERS } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import { OddflowError, type OptionRange } from "@oddflow/preprocessing";
import { checkColumns } from "@oddflow/tables";
import type { Argv } from "yargs";
import { openFlows } from "../fetched-flows.ts";
import { flowBlocks } from "../flow-blocks.ts";
import { type DriftReport, formatDrift } from "../format-drift.ts";
import { tellReadings } from "../format-reading.ts";
import { FLOW_FILES, FROM_OPTION } from "../from-option.ts";
import { numberIn } from "../option-values.ts";
import { scoringBar } from "../progress.ts";
import { readModel } from "../read-model.ts";
import { type Command, EXIT_STATUS, filesOnly, interruptSignal } from "../run-command.ts";
import { findSilence } from "../silence/find-silence.ts";
import { type SilenceArguments, silenceOptions, silenceRequest } from "../silence/silence-options.ts";
import { type SilenceReport, silencePast } from "../silence/silence-report.ts";
import { print } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

/** Of a population stability index. */
const LIMIT: OptionRange = { above: 0 };

interface DriftArguments extends SilenceArguments {
  model: string;
  flows: string[];
  limit: number;
  provider: (typeof PROVIDERS)[number];
  json: boolean;
  trust: string | undefined;
  from: string | undefined;
}

export const driftCommand: Command<DriftArguments> = {
  builder: (parser) =>
    silenceOptions(parser)
      .positional("model", { type: "string", demandOption: true, describe: "Model file" })
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: FLOW_FILES,
      })
      .option("limit", {
        requiresArg: true,
        type: "number",
        default: PSI_MOVED_FAR,
        coerce: numberIn("limit", LIMIT),
        describe: "Exit with status 4 when a column or the score has moved further (PSI)",
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
        "$0 drift model.onnx today.parquet",
        "exit status 4 when it is time to look, or to recalibrate",
      )
      .example(
        "$0 drift model.onnx today.parquet --by source --baseline 'last-weeks/*.parquet'",
        "and hosts that stopped sending",
      ) as unknown as Argv<DriftArguments>,
  handler: drift,
};

async function drift(options: DriftArguments): Promise<void> {
  const silence = silenceRequest(options);
  filesOnly("drift", silence === undefined ? options.flows : [...options.flows, silence.baseline]);
  const report = await measureDrift(options, silence, interruptSignal());
  print(options.json ? `${JSON.stringify(report)}\n` : formatDrift(report));
  if (report.past.length > 0) process.exitCode = EXIT_STATUS.moved;
}

async function measureDrift(
  { model, flows, from, limit, provider, json, trust }: DriftArguments,
  request: ReturnType<typeof silenceRequest>,
  signal: AbortSignal,
): Promise<DriftReport> {
  const bytes = await readModel(model, trust);
  const { profile, thresholds } = await inFile(model, () => parseDetectorMetadata(readModelSummary(bytes)));
  if (profile === undefined) {
    throw new OddflowError(
      "MODEL_INVALID",
      `drift: ${model} does not say how the flows that it was fitted on are spread; train it again with this release`,
    );
  }
  const fittedScores = scoreProfile(thresholds.heldBack);
  const counter = new FlowCounter(profile);
  const scoreCounter = new FlowCounter(fittedScores);
  const scorer = await inFile(model, () => createScorer(bytes, { provider }));
  const threshold = scorer.thresholds.forBudget(DEFAULT_BUDGET);
  let over = 0;
  let silence: SilenceReport | undefined;
  try {
    const table = await openFlows(flows, { from, signal });
    let bar: ReturnType<typeof scoringBar> | undefined;
    try {
      await checkColumns(table, scorer.ownColumns, scorer.context);
      tellReadings(table.readings, json);
      // Before scoring, which may take long: a baseline or a column that is not there is said at once.
      if (request !== undefined) {
        const baseline = await openFlows(request.baseline, { from, signal });
        try {
          silence = await findSilence({ baseline, recent: table }, request);
          tellReadings(baseline.readings, json);
        } finally {
          baseline.close();
        }
      }
      bar = scoringBar(table.rows);
      const source = flowBlocks(table, scorer, { signal });
      for await (const rows of scoreRows(source, scorer, new Verdict(threshold))) {
        counter.add(rows.block.flows);
        scoreCounter.add(rows.score);
        over += rows.anomalies;
        bar.update(rows.firstRow + rows.score.length);
      }
    } finally {
      bar?.stop();
      table.close();
    }
  } finally {
    await scorer.close();
  }
  const now = counter.profile;
  const columns = columnShifts(profile, now);
  const score = populationShift(binsOf(fittedScores), binsOf(scoreCounter.profile));
  return {
    model,
    flows: now.flows,
    fittedOn: profile.flows,
    columns,
    score,
    threshold,
    shareOverThreshold: over / now.flows,
    limit,
    past: [
      ...(score.moved > limit ? ["score"] : []),
      ...columns.filter(({ moved }) => moved > limit).map(({ name }) => name),
      ...(silence === undefined ? [] : silencePast(silence)),
    ],
    ...(silence === undefined ? {} : { silence }),
  };
}

function binsOf({ columns }: FlowProfile): readonly number[] {
  return columns[0]?.counts ?? [];
}
