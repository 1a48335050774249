import { DEFAULT_BUDGET } from "@oddflow/detector";
import { compareScores, formatComparison, type OldAndNew, type ScoreComparison } from "@oddflow/evaluation";
import { type Scorer, scoreRows, Verdict } from "@oddflow/inference";
import { createScorer, inFile, PROVIDERS } from "@oddflow/inference/node";
import { type ColumnRole, isSuppressed, type OptionRange } from "@oddflow/preprocessing";
import type { BoundRules } from "@oddflow/rules";
import { checkColumns, type FlowTable, type OutputPlace } from "@oddflow/tables";
import type { Argv } from "yargs";
import { addCounts } from "../add-counts.ts";
import { type ChangedFlow, type ComparedModels, changedFlows } from "../changed-flows.ts";
import { LABEL_OPTIONS } from "../detector-arguments.ts";
import { openFlows } from "../fetched-flows.ts";
import { flowBlocks } from "../flow-blocks.ts";
import { formatChanged } from "../format-changed.ts";
import { tellReadings } from "../format-reading.ts";
import { formatSuppressed } from "../format-summary.ts";
import { FLOW_FILES, FROM_OPTION } from "../from-option.ts";
import { type IdleOption, refuseIdle } from "../idle-options.ts";
import { numberIn, parsed } from "../option-values.ts";
import { rate, scoringBar } from "../progress.ts";
import { readModel } from "../read-model.ts";
import { boundTo, readRules, tellLacking } from "../read-rules.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, filesOnly, interruptSignal } from "../run-command.ts";
import { readTableLabels } from "../table-labels.ts";
import { complain, oneLine, print } from "../terminal.ts";
import { type AlertBudget, budgetText, chooseThreshold, parseBudget } from "../threshold-choice.ts";
import { TRUST_OPTION } from "../trust-option.ts";
import { BUDGET_TIME_OPTION } from "../verdict-options.ts";
import { writeComparison } from "../write-comparison.ts";
import { findReportPlace } from "../write-report.ts";

/** Flows to show of each model that the other does not raise. */
const CHANGED: OptionRange = { from: 0, whole: true };

const DEFAULT_CHANGED = 5;

interface CompareArguments {
  old: string;
  new: string;
  flows: string[];
  budget: AlertBudget | undefined;
  time: string | undefined;
  role: ReadonlyMap<string, ColumnRole> | undefined;
  normal: string[] | undefined;
  changed: number;
  report: string | undefined;
  provider: (typeof PROVIDERS)[number];
  json: boolean;
  trust: string | undefined;
  rules: string | undefined;
  from: string | undefined;
}

export const compareCommand: Command<CompareArguments> = {
  builder: (parser) =>
    parser
      .positional("old", { type: "string", demandOption: true, describe: "Model file, the one in use" })
      .positional("new", { type: "string", demandOption: true, describe: "Model file, the other one" })
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: `${FLOW_FILES}; with labels if there are any`,
      })
      .option("budget", {
        requiresArg: true,
        alias: "b",
        type: "string",
        coerce: parsed(parseBudget),
        describe: `Each model's threshold is at this share of usual flows, or at alarms such as 50/day  [default: ${DEFAULT_BUDGET}]`,
      })
      .option("time", BUDGET_TIME_OPTION)
      .option("role", { requiresArg: true, ...LABEL_OPTIONS.role })
      .option("normal", { requiresArg: true, ...LABEL_OPTIONS.normal })
      .option("changed", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_CHANGED,
        coerce: numberIn("changed", CHANGED),
        describe: "Show this many flows of each model that the other does not raise, and why",
      })
      .option("report", { requiresArg: true, type: "string", describe: "HTML page to write" })
      .option("provider", {
        requiresArg: true,
        choices: PROVIDERS,
        default: "auto" as const,
        describe: "Where the models run",
      })
      .option("trust", TRUST_OPTION)
      .option("rules", RULES_OPTION)
      .option("from", FROM_OPTION)
      .option("json", { type: "boolean", default: false, describe: "Print the comparison as JSON" })
      .example("$0 compare model.onnx retrained.onnx today.parquet", "whether to take the retrained one")
      .example(
        "$0 compare old.onnx new.onnx labelled.parquet --budget 50/day --report compare.html",
        "what each finds, by label",
      ) as unknown as Argv<CompareArguments>,
  handler: compare,
};

const IDLE_OPTIONS: readonly IdleOption<CompareArguments>[] = [
  {
    option: "time",
    isIdle: ({ budget }) => budget === undefined || "share" in budget,
    isFor: "is for a budget of alarms in time, such as --budget 50/day",
  },
];

async function compare(options: CompareArguments): Promise<void> {
  filesOnly("compare", options.flows);
  refuseIdle(options, IDLE_OPTIONS);
  const signal = interruptSignal();
  const open = async (model: string): Promise<Scorer> => {
    const bytes = await readModel(model, options.trust);
    return inFile(model, () => createScorer(bytes, { provider: options.provider }));
  };
  const old = await open(options.old);
  try {
    const latter = await open(options.new);
    try {
      await compareModels({ old, new: latter }, options, signal);
    } finally {
      await latter.close();
    }
  } finally {
    await old.close();
  }
}

async function compareModels(
  scorers: OldAndNew<Scorer>,
  options: CompareArguments,
  signal: AbortSignal,
): Promise<void> {
  const rules = await readRules(options.rules);
  const table = await openFlows(options.flows, { from: options.from, signal });
  let place: OutputPlace | undefined;
  try {
    if (options.report !== undefined) {
      place = await findReportPlace(options.report, table, {
        inputs: [options.old, options.new, options.rules],
      });
    }
    for (const side of SIDES) await checkColumns(table, scorers[side].ownColumns, scorers[side].context);
    const labels = await readTableLabels(table, options, scorers.new.training);
    tellReadings(table.readings, options.json);
    const budget = options.budget ?? { share: DEFAULT_BUDGET };
    const chosen = {
      old: await chooseThreshold(budget, scorers.old, table, options.time),
      new: await chooseThreshold(budget, scorers.new, table, options.time),
    };
    if (chosen.new.rate !== undefined) complain(`rate       ${chosen.new.rate}\n`);
    for (const side of SIDES) {
      if (chosen[side].caution !== undefined)
        complain(`note       ${oneLine(options[side])}: ${chosen[side].caution}\n`);
    }
    const thresholds = { old: chosen.old.threshold, new: chosen.new.threshold };
    const bound = rules && boundTo(rules, table);
    tellLacking(bound?.lacking ?? []);
    const scored = await scoreByBoth(table, { scorers, thresholds, rules: bound }, signal);
    const models: ComparedModels = { scorers, thresholds, ...scored };
    const share = chosen.new.share ?? DEFAULT_BUDGET;
    const comparison = compareScores({ ...models, share, labels });
    const changed = {
      old: await changedFlows(table, models, "old", options.changed, signal),
      new: await changedFlows(table, models, "new", options.changed, signal),
    };
    print(
      options.json
        ? jsonText(options, models, comparison, { changed, hidden: scored.hidden })
        : `${heading(options, budget, models, table)}\n${formatSuppressed(scored.hidden)
            .map((line) => `${line}\n`)
            .join("")}\n${formatComparison(comparison)}\n${formatChanged(changed)}`,
    );
    if (place !== undefined) {
      await writeComparison(place, {
        ...options,
        budget: budgetText(budget),
        share,
        table,
        models,
        comparison,
        changed,
      });
      if (!options.json) print(`\nReport: ${place.path}\n`);
    }
  } finally {
    await place?.discard();
    table.close();
  }
}

const SIDES = ["old", "new"] as const;

async function scoreByBoth(
  table: FlowTable,
  {
    scorers,
    thresholds,
    rules,
  }: Pick<ComparedModels, "scorers" | "thresholds"> & { rules: BoundRules | undefined },
  signal: AbortSignal,
): Promise<Pick<ComparedModels, "scores" | "suppressed"> & { readonly hidden: ReadonlyMap<string, number> }> {
  const bar = scoringBar(SIDES.length * table.rows);
  const scores = { old: new Float32Array(table.rows), new: new Float32Array(table.rows) };
  const suppressed = new Uint8Array(table.rows);
  const hidden = new Map<string, number>();
  try {
    for (const [k, side] of SIDES.entries()) {
      const source = flowBlocks(table, scorers[side], { signal, rules });
      const verdict = new Verdict(thresholds[side]);
      for await (const { score, firstRow, rulings } of scoreRows(source, scorers[side], verdict)) {
        scores[side].set(score, firstRow);
        for (const [row, ruling] of (rulings ?? []).entries()) {
          // Of a flow that both find odd rules say the same.
          if (ruling === null || !isSuppressed(ruling) || suppressed[firstRow + row] === 1) continue;
          suppressed[firstRow + row] = 1;
          addCounts(hidden, [[ruling.rule, 1]]);
        }
        bar.update(k * table.rows + firstRow + score.length);
      }
    }
    return { scores, suppressed, hidden };
  } finally {
    bar.stop();
  }
}

function heading(
  options: CompareArguments,
  budget: AlertBudget,
  { thresholds }: ComparedModels,
  table: FlowTable,
): string {
  const line = (side: "old" | "new"): string =>
    `${side}        ${oneLine(options[side])}, threshold ${thresholds[side].toPrecision(5)}`;
  return `flows      ${rate(table.rows)}, a budget of ${budgetText(budget)}\n${line("old")}\n${line("new")}`;
}

function jsonText(
  { old, new: latter }: CompareArguments,
  { thresholds }: ComparedModels,
  comparison: ScoreComparison,
  { changed, hidden }: { changed: OldAndNew<readonly ChangedFlow[]>; hidden: ReadonlyMap<string, number> },
): string {
  const suppressed = Object.fromEntries(hidden);
  return `${JSON.stringify({ models: { old, new: latter }, thresholds, ...comparison, suppressed, changed })}\n`;
}
