import { createHash } from "node:crypto";
import { once } from "node:events";
import { createScoringService, DEFAULT_LIMITS, type ServiceLimits } from "@oddflow/edge-service";
import { createScorer, inFile, PROVIDERS } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import type { Argv, CommandModule } from "yargs";
import { budgetOf, budgetThreshold } from "../alert-budget.ts";
import { DEFAULT_MODEL } from "../default-model.ts";
import { listen } from "../http-server.ts";
import { readModel } from "../read-model.ts";
import { interruptSignal, MOST_THREADS } from "../run-command.ts";
import { TRUST_OPTION } from "../trust-option.ts";

interface ServeArguments {
  model: string;
  host: string;
  port: number;
  budget: string | undefined;
  threshold: number | undefined;
  provider: (typeof PROVIDERS)[number];
  threads: number;
  maxBody: number;
  maxRecords: number;
  maxRequests: number;
  idle: number;
  trust: string | undefined;
}

/** An environment variable, since everybody on a machine can read a command line. */
const TOKEN_VARIABLE = "ODDFLOW_TOKEN";

const MEGABYTE = 1024 * 1024;
const LOOPBACK = /^(127\.|::1$|localhost$)/;

export const serveCommand: CommandModule<object, ServeArguments> = {
  command: "serve [model]",
  describe: "Score flows over HTTP",
  builder: (parser) =>
    (parser as Argv)
      .positional("model", {
        type: "string",
        default: DEFAULT_MODEL,
        defaultDescription: "UNSW-NB15's",
        describe: "Model file",
      })
      .option("host", {
        requiresArg: true,
        type: "string",
        default: "127.0.0.1",
        describe: "Address to listen at",
      })
      .option("port", {
        requiresArg: true,
        alias: "p",
        type: "number",
        default: 8080,
        describe: "Port to listen at; 0 for any that is free",
      })
      .option("budget", {
        requiresArg: true,
        alias: "b",
        type: "string",
        describe: "Share of usual flows that may alarm  [default: 0.01]",
      })
      .option("threshold", {
        requiresArg: true,
        alias: "t",
        type: "number",
        describe: "Score from which on a flow is an anomaly",
        conflicts: "budget",
      })
      .option("provider", {
        requiresArg: true,
        choices: PROVIDERS,
        default: "auto" as const,
        describe: "Where the model runs",
      })
      .option("threads", {
        requiresArg: true,
        type: "number",
        default: 1,
        describe: "Threads of the model on the CPU",
      })
      .option("max-body", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_LIMITS.bodyBytes / MEGABYTE,
        describe: "Largest body, in MB",
      })
      .option("max-records", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_LIMITS.records,
        describe: "Most records of a request",
      })
      .option("max-requests", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_LIMITS.requests,
        describe: "Most requests scored at a time",
      })
      .option("idle", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_LIMITS.idleSeconds,
        describe: "Seconds that a client may pause",
      })
      .option("trust", TRUST_OPTION)
      .example("$0 serve model.onnx --port 9000", "then POST flows to /score; /openapi.json says how")
      .epilog(
        `With ${TOKEN_VARIABLE} in the environment, requests must have it as their bearer token.`,
      ) as unknown as Argv<ServeArguments>,
  handler: serve,
};

async function serve(options: ServeArguments): Promise<void> {
  const limits = limitsOf(options);
  const { host, port, threads, provider } = options;
  checkCount("port", port, 0, 65_535);
  checkCount("threads", threads, 1, MOST_THREADS);
  const token = process.env[TOKEN_VARIABLE];
  if (token === "") throw new OddflowError("USAGE", `${TOKEN_VARIABLE} is empty; set a token or unset it`);
  const bytes = await readModel(options.model, options.trust);
  const scorer = await inFile(options.model, () => createScorer(bytes, { provider, threads }));
  try {
    const service = createScoringService(scorer, {
      // A larger batch would keep everybody else waiting while it is read and scored.
      limits: { ...limits, batch: Math.min(scorer.batchSize, DEFAULT_LIMITS.batch) },
      threshold: options.threshold ?? (await budgetThreshold(budgetOf(options.budget), scorer)),
      modelVersion: createHash("sha256").update(bytes).digest("hex"),
      ...(token === undefined ? {} : { token }),
    });
    // Before anything says that it listens: who reads that may end it at once.
    const signal = interruptSignal();
    const server = await listen(service.fetch, { host, port });
    process.stdout.write(`listening on ${server.url}\n`);
    if (token === undefined && !LOOPBACK.test(host)) {
      process.stderr.write(
        `oddflow: anybody who reaches ${host} can score flows here; set ${TOKEN_VARIABLE} to ask for a token\n`,
      );
    }
    if (!signal.aborted) await once(signal, "abort");
    process.stderr.write("oddflow: answering what has been asked, then ending; once more ends it at once\n");
    await Promise.all([service.drain(), server.close()]);
  } finally {
    await scorer.close();
  }
}

function limitsOf({ maxBody, maxRecords, maxRequests, idle }: ServeArguments): Partial<ServiceLimits> {
  checkCount("max-records", maxRecords, 1, Number.MAX_SAFE_INTEGER);
  checkCount("max-requests", maxRequests, 1, 10_000);
  for (const [name, value] of Object.entries({ "max-body": maxBody, idle })) {
    if (!(value > 0 && value <= 1e6)) {
      throw new OddflowError("USAGE", `--${name} ${value}: expected a number above 0, at most 1000000`);
    }
  }
  return {
    bodyBytes: Math.ceil(maxBody * MEGABYTE),
    records: maxRecords,
    requests: maxRequests,
    idleSeconds: idle,
  };
}

function checkCount(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new OddflowError("USAGE", `--${name} ${value}: expected a whole number from ${least} to ${most}`);
}
