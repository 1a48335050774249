import { availableParallelism } from "node:os";
import { THREADS } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import {
  checkAddresses,
  type KafkaAddress,
  type KafkaSecurity,
  parseKafkaAddress,
  readKafkaSecurity,
  streamFlows,
} from "@oddflow/stream";
import type { Argv } from "yargs";
import { addCounts } from "../add-counts.ts";
import { CONTEXT_STATE_OPTION } from "../context-state-option.ts";
import { MODEL_OR_DEFAULT } from "../default-model.ts";
import { formatReadings } from "../format-reading.ts";
import { formatSummary } from "../format-summary.ts";
import { Hangup } from "../hangup.ts";
import { refuseIdle } from "../idle-options.ts";
import { LiveContext } from "../live-context.ts";
import { LiveModels } from "../live-models.ts";
import { LiveRules } from "../live-rules.ts";
import { IDLE_ADMISSION, type MetricsArguments, metricsOptions, openMetrics } from "../metrics-option.ts";
import { numberIn, parsed } from "../option-values.ts";
import { FlowSums } from "../pipe/flow-sums.ts";
import type { FlowCounts } from "../pipe/piece-scorer.ts";
import { rate } from "../progress.ts";
import { reasonCount } from "../reason-count.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, interruptSignal } from "../run-command.ts";
import { RecordModels } from "../stream/record-models.ts";
import { StreamMetrics } from "../stream/stream-metrics.ts";
import { complain, oneLine } from "../terminal.ts";
import { type AlertBudget, thresholdChoice } from "../threshold-choice.ts";
import { TRUST_OPTION } from "../trust-option.ts";
import {
  BUDGET_OPTION,
  type COLUMN_CHOICES,
  COLUMNS_OPTION,
  THRESHOLD_OPTION,
  TOP_OPTION,
} from "../verdict-options.ts";

const DEAD_LETTERS_ENDING = ".dead-letters";

interface StreamArguments extends MetricsArguments {
  from: KafkaAddress;
  to: KafkaAddress;
  "dead-letters": KafkaAddress | undefined;
  model: string;
  budget: AlertBudget | undefined;
  threshold: number | undefined;
  top: number;
  reasons: boolean | undefined;
  columns: (typeof COLUMN_CHOICES)[number];
  threads: number | undefined;
  "exactly-once": boolean;
  "kafka-config": string | undefined;
  "context-state": string | undefined;
  trust: string | undefined;
  rules: string | undefined;
}

export const streamCommand: Command<StreamArguments> = {
  builder: (parser) =>
    metricsOptions(parser)
      .option("from", {
        requiresArg: true,
        type: "string",
        demandOption: true,
        coerce: parsed((text) => parseKafkaAddress("--from", text)),
        describe: "Topic of flows, and the consumer group: kafka://HOST:PORT/TOPIC?group=GROUP",
      })
      .option("to", {
        requiresArg: true,
        type: "string",
        demandOption: true,
        coerce: parsed((text) => parseKafkaAddress("--to", text)),
        describe: "Topic for scored flows: kafka://HOST:PORT/TOPIC",
      })
      .option("dead-letters", {
        requiresArg: true,
        type: "string",
        coerce: parsed((text) => parseKafkaAddress("--dead-letters", text)),
        describe: `Topic for records that cannot be scored  [default: that of --to and ${DEAD_LETTERS_ENDING}]`,
      })
      .option("model", { ...MODEL_OR_DEFAULT, requiresArg: true, alias: "m" })
      .option("budget", BUDGET_OPTION)
      .option("threshold", THRESHOLD_OPTION)
      .option("top", TOP_OPTION)
      .option("reasons", { type: "boolean", describe: "Write why, for anomalies  [default: with --top]" })
      .option("columns", COLUMNS_OPTION)
      .option("threads", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("threads", THREADS),
        describe: "Threads that score  [default: one a core]",
      })
      .option("exactly-once", {
        type: "boolean",
        default: false,
        describe: "Write in transactions: readers of committed records see each flow once",
      })
      .option("kafka-config", {
        requiresArg: true,
        type: "string",
        describe: "File with security.protocol, sasl.*, ssl.*, as kcat's",
      })
      .option("context-state", CONTEXT_STATE_OPTION)
      .option("trust", TRUST_OPTION)
      .option("rules", RULES_OPTION)
      .example(
        "$0 stream --from 'kafka://localhost:9092/flows?group=oddflow' --to kafka://localhost:9092/scored -m model.onnx",
        "score a topic into another",
      ) as unknown as Argv<StreamArguments>,
  handler: stream,
};

async function stream(options: StreamArguments): Promise<void> {
  const hangup = new Hangup();
  const signal = interruptSignal(hangup);
  refuseIdle(options, IDLE_ADMISSION);
  const { from, to, threads = availableParallelism() } = options;
  const deadLetters = options["dead-letters"] ?? { ...to, topic: `${to.topic}${DEAD_LETTERS_ENDING}` };
  const isExactlyOnce = options["exactly-once"];
  checkAddresses({ from, to, deadLetters, isExactlyOnce });
  const { group } = from;
  if (group === undefined)
    throw new OddflowError(
      "USAGE",
      "--from names no group; add ?group=NAME, the consumer group that shares the topic",
    );
  const configuration = options["kafka-config"];
  const security: KafkaSecurity = configuration === undefined ? {} : readKafkaSecurity(configuration);
  const place = { path: options.model, trust: options.trust, provider: "cpu", threads: 1 } as const;
  const rules = await LiveRules.open(options.rules, hangup);
  const models = await LiveModels.open(place, thresholdChoice(options.threshold, options.budget), hangup);
  const ending: (() => unknown)[] = [() => models.close()];
  try {
    const { scorer } = models.current;
    const context = await LiveContext.open(scorer, options["context-state"]);
    const sums = new FlowSums(scorer.columns);
    const leftOut = new Map<string, number>();
    const metrics = new StreamMetrics(from.topic);
    const names = scorer.columns.map(({ name }) => name);
    const written = {
      top: options.top,
      reasons: reasonCount(scorer, options.top, options.reasons, true),
      fields: options.columns === "keys" ? { except: names } : options.columns,
      rules: rules?.first,
    };
    const onScored = (counts: FlowCounts, others: Iterable<string>): void => {
      metrics.addFlows(counts);
      for (const what of others) {
        addCounts(leftOut, [[what, 1]]);
        metrics.addLeftOut(what);
      }
    };
    const scoring = new RecordModels(
      models.current,
      { threads, written, context, sums, onScored },
      oneLine(`topic ${from.topic}`),
    );
    ending.push(() => scoring.close());
    const server = await openMetrics(options, "stream", {
      expose: () =>
        metrics.expose(context.encoder?.counts, {
          labels: { version: models.version, provider: models.current.scorer.provider },
          budget: models.current.scorer.thresholds.rarityOf(models.current.threshold),
        }),
      health: () => metrics.health,
    });
    ending.push(() => server?.close());
    if (options["context-state"] !== undefined)
      ending.push(context.saveNowAndThen((problem) => complain(`oddflow: ${problem}\n`)));
    models.watch(
      async (model) => {
        await scoring.change(model);
        metrics.addModelChange("taken");
      },
      () => metrics.addModelChange("refused"),
    );
    rules?.watch((next) => scoring.changeRules(next));
    ending.push(() => rules?.end());
    const began = performance.now();
    let putAside = 0;
    let lastReason: string | undefined;
    signal.addEventListener("abort", () => complain("oddflow: writing what has been read, then ending\n"));
    complain(`reading    ${oneLine(`${from.topic} as ${group}, writing ${to.topic}`)}\n`);
    try {
      await streamFlows({
        from: { ...from, group },
        to,
        deadLetters,
        security,
        isExactlyOnce,
        scoring,
        signal,
        watch: {
          onWritten(counts) {
            putAside += counts.putAside;
            metrics.addWritten(counts);
          },
          onLag: (lag) => metrics.setLag(lag),
          onRestart(reason) {
            metrics.addRestart();
            if (reason === lastReason) return;
            lastReason = reason;
            complain(`note       begun anew from what is committed: ${oneLine(reason)}\n`);
          },
        },
      });
    } finally {
      await models.end();
      await rules?.end();
      await context.save();
    }
    if (putAside > 0) complain(`put aside  ${rate(putAside)} records, in ${oneLine(deadLetters.topic)}\n`);
    complain(formatReadings([{ takenFor: undefined, leftOut }]));
    complain(formatSummary(sums, models.current.threshold, began));
    for (const note of context.notes) complain(`context    ${note}\n`);
  } finally {
    for (const end of ending.reverse()) await end();
  }
}
