import { once } from "node:events";
import { availableParallelism } from "node:os";
import { completeLimits, DEFAULT_LIMITS, type ServiceLimits } from "@oddflow/edge-service";
import { PROVIDERS, type Provider, THREADS } from "@oddflow/inference";
import { isInRange, OddflowError, type OptionRange, rangeText } from "@oddflow/preprocessing";
import type { Argv } from "yargs";
import { CONTEXT_STATE_OPTION } from "../context-state-option.ts";
import { MODEL_OR_DEFAULT } from "../default-model.ts";
import { Hangup } from "../hangup.ts";
import { listen } from "../http-server.ts";
import { CPU_THREADS, type IdleOption, refuseIdle } from "../idle-options.ts";
import { findListeningPlace, type ListeningArguments, listeningOptions } from "../listening-place.ts";
import { LiveContext } from "../live-context.ts";
import { LiveRules } from "../live-rules.ts";
import { ModelChanges } from "../model-changes.ts";
import { openModelFile } from "../opened-model.ts";
import { numberIn } from "../option-values.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, interruptSignal } from "../run-command.ts";
import { ServedModels } from "../serve/served-models.ts";
import { complain, print } from "../terminal.ts";
import { type AlertBudget, thresholdChoice } from "../threshold-choice.ts";
import { TRUST_OPTION } from "../trust-option.ts";
import { BUDGET_OPTION, THRESHOLD_OPTION } from "../verdict-options.ts";

interface ServeArguments extends ListeningArguments {
  model: string;
  budget: AlertBudget | undefined;
  threshold: number | undefined;
  provider: Provider;
  threads: number | undefined;
  maxBody: number;
  maxRecords: number;
  maxRequests: number;
  maxRequestsPerClient: number | undefined;
  idle: number;
  trust: string | undefined;
  rules: string | undefined;
  requestSeconds: number | undefined;
  contextState: string | undefined;
}

/** An environment variable, since everybody on a machine can read a command line. */
const TOKEN_VARIABLE = "ODDFLOW_TOKEN";

const MEGABYTE = 1024 * 1024;

const RECORDS: OptionRange = { from: 1, to: Number.MAX_SAFE_INTEGER, whole: true };
const REQUESTS: OptionRange = { from: 1, to: 10_000, whole: true };
/** Megabytes, or seconds. */
const AMOUNT: OptionRange = { above: 0, to: 1_000_000 };

export const serveCommand: Command<ServeArguments> = {
  builder: (parser) =>
    listeningOptions(parser.positional("model", MODEL_OR_DEFAULT), 8080)
      .option("budget", BUDGET_OPTION)
      .option("threshold", THRESHOLD_OPTION)
      .option("provider", {
        requiresArg: true,
        choices: PROVIDERS,
        default: "auto" as const,
        describe: "Where the model runs",
      })
      .option("threads", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("threads", THREADS),
        defaultDescription: "one a core",
        describe: "Threads that score on the CPU",
      })
      .option("max-body", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("max-body", AMOUNT),
        default: DEFAULT_LIMITS.bodyBytes / MEGABYTE,
        describe: "Largest body, in MB",
      })
      .option("max-records", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("max-records", RECORDS),
        default: DEFAULT_LIMITS.records,
        describe: "Most records of a request",
      })
      .option("max-requests", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("max-requests", REQUESTS),
        default: DEFAULT_LIMITS.requests,
        describe: "Most requests scored at a time",
      })
      .option("max-requests-per-client", {
        requiresArg: true,
        type: "number",
        defaultDescription: "a quarter of them",
        describe: "Most of them from one address",
      })
      .option("idle", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("idle", AMOUNT),
        default: DEFAULT_LIMITS.idleSeconds,
        describe: "Seconds that a client may pause",
      })
      .option("context-state", CONTEXT_STATE_OPTION)
      .option("trust", TRUST_OPTION)
      .option("rules", RULES_OPTION)
      .option("request-seconds", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("request-seconds", AMOUNT),
        defaultDescription: "60, or twice --idle",
        describe: "Seconds that a request may pause in all; 16 KB moved give one back",
      })
      .example("$0 serve model.onnx --port 9000", "then POST flows to /score; /openapi.json says how")
      .epilog(
        `With ${TOKEN_VARIABLE} in the environment, requests must have it as their bearer token.`,
      ) as unknown as Argv<ServeArguments>,
  handler: serve,
};

const IDLE_OPTIONS: readonly IdleOption<ServeArguments>[] = [CPU_THREADS];

async function serve(options: ServeArguments): Promise<void> {
  const hangup = new Hangup();
  const signal = interruptSignal(hangup);
  const limits = limitsOf(options);
  refuseIdle(options, IDLE_OPTIONS);
  const { threads = availableParallelism(), provider, allowAnonymous, allowHost } = options;
  const token = process.env[TOKEN_VARIABLE];
  if (token === "") throw new OddflowError("USAGE", `${TOKEN_VARIABLE} is empty; set a token or unset it`);
  if (token !== undefined && allowAnonymous) {
    throw new OddflowError("USAGE", `--allow-anonymous, and ${TOKEN_VARIABLE} is set; give one of them`);
  }
  const advice = `set ${TOKEN_VARIABLE} to ask for one, or say --allow-anonymous`;
  const place = await findListeningPlace(options, token === undefined ? advice : undefined);
  // Threads that score have a session of their own.
  const model = { path: options.model, trust: options.trust, provider, threads: 1 };
  const first = await openModelFile(model);
  const ending: (() => unknown)[] = [() => first.scorer.close()];
  try {
    const context = await LiveContext.open(first.scorer, options.contextState);
    const rules = await LiveRules.open(options.rules, hangup);
    const models = await ServedModels.start(first, {
      threads,
      limits: completeLimits(limits),
      threshold: thresholdChoice(options.threshold, options.budget),
      context,
      rules: rules?.first,
      service: {
        ...(token === undefined ? {} : { token }),
        // A page of a stranger's has no token; where one is asked for, hosts are checked only if they are named.
        ...(token === undefined || allowHost !== undefined ? { hosts: place.hosts } : {}),
      },
    });
    ending.splice(0, 1, () => models.close());
    const { service } = models;
    if (signal.aborted) return complain("oddflow: ended before it listened\n");
    const server = await listen(service.fetch, place, { command: "serve", host: "--host", port: "--port" });
    print(`listening on ${server.url}\n`);
    if (options.contextState !== undefined)
      ending.push(context.saveNowAndThen((problem) => complain(`oddflow: ${problem}\n`)));
    const changes = new ModelChanges(model, first, {
      take: (next) => models.take(next),
      refuse: () => service.refuseModel(),
    });
    ending.push(() => changes.close());
    hangup.onHeard(() => changes.readNow());
    rules?.watch(async (next) => models.changeRules(next));
    ending.push(() => rules?.end());
    const failure = await Promise.race([
      signal.aborted ? undefined : once(signal, "abort").then(() => undefined),
      models.failed.catch((thrown: unknown) => ({ thrown })),
    ]);
    complain("oddflow: answering what has been asked, then ending; once more ends it at once\n");
    await changes.close();
    await rules?.end();
    await Promise.all([service.drain(), server.close()]);
    await context.save();
    if (failure !== undefined) throw failure.thrown;
  } finally {
    // What came later uses what came before.
    for (const end of ending.reverse()) await end();
  }
}

function limitsOf(options: ServeArguments): Partial<ServiceLimits> {
  const { maxBody, maxRecords, maxRequests, maxRequestsPerClient, idle, requestSeconds } = options;
  const ofClient = { ...REQUESTS, to: maxRequests };
  if (maxRequestsPerClient !== undefined && !isInRange(maxRequestsPerClient, ofClient)) {
    throw new OddflowError(
      "USAGE",
      `--max-requests-per-client ${maxRequestsPerClient}: expected ${rangeText(ofClient)}, as --max-requests says`,
    );
  }
  return {
    bodyBytes: Math.ceil(maxBody * MEGABYTE),
    records: maxRecords,
    requests: maxRequests,
    idleSeconds: idle,
    ...(maxRequestsPerClient === undefined ? {} : { requestsPerClient: maxRequestsPerClient }),
    ...(requestSeconds === undefined ? {} : { requestSeconds }),
  };
}
