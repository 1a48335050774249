import type { Program } from "./watched-run.ts";

/** A use of Oddflow. */
export interface Scenario extends Program {
  readonly name: string;
}

/** Where things lie. */
export interface ScenarioPlaces {
  /** Of the commands' programs, "oddflow.js" and "score-batch.cjs". */
  readonly commands: string;
  /** Of the programs beside this one. */
  readonly programs: string;
  readonly model: string;
  readonly table: string;
  /** The same flows as JSON lines. */
  readonly lines: string;
}

/** Telemetry that is on looks up its collector some nine seconds after the first session, and again five later. */
const SECONDS_UNTIL_SENT = 16;
const SERVE_SECONDS = 30;

const SMALL_NETWORK = [
  "--subset",
  "3000",
  "--hidden",
  "16",
  "--dropout",
  "0",
  "--latent",
  "4",
  "--epochs",
  "1",
];

export function listScenarios({ commands, programs, model, table, lines }: ScenarioPlaces): Scenario[] {
  const oddflow = `${commands}/oddflow.js`;
  const scoreBatch = `${commands}/score-batch.cjs`;
  const ask = (seconds: number, path: string, ...command: string[]): string[] => [
    `${programs}/ask-for-seconds.js`,
    String(seconds),
    path,
    ...command,
  ];
  return [
    {
      name: `serve, asked for ${SERVE_SECONDS} s`,
      parameters: ask(SERVE_SECONDS, "/score", oddflow, "serve", "--port", "0"),
      outputs: [],
    },
    {
      name: `a library consumer that lives for ${SECONDS_UNTIL_SENT} s`,
      parameters: [`${programs}/library-consumer.js`, model, String(SECONDS_UNTIL_SENT)],
      outputs: [],
    },
    {
      name: "a library consumer's worker thread",
      parameters: [`${programs}/library-consumer.js`, model, String(SECONDS_UNTIL_SENT), "worker"],
      outputs: [],
    },
    {
      name: "train, with a report",
      parameters: [oddflow, "train", table, ...SMALL_NETWORK, "-o", "m.onnx", "--report", "r.html"],
      outputs: ["m.onnx", "r.html"],
    },
    {
      name: "score-batch, a table in three processes",
      parameters: [scoreBatch, table, table, table, "--threads", "3", "-o", "s.parquet", "--top", "2"],
      outputs: ["s.parquet"],
    },
    {
      name: "score-batch, JSON lines as a table",
      parameters: [scoreBatch, lines, "-o", "s.csv", "--reasons"],
      outputs: ["s.csv"],
    },
    { name: "score-batch, a pipe", parameters: [scoreBatch, "-"], input: lines, outputs: [] },
    {
      name: "workbench",
      parameters: ask(1, "/", oddflow, "workbench", "--port", "0"),
      outputs: [],
    },
    { name: "doctor", parameters: [oddflow, "doctor"], outputs: [] },
  ];
}

/** What must be found: a user's own "0" leaves telemetry on. */
export function scenarioWithTelemetry({ programs, model }: ScenarioPlaces): Scenario {
  return {
    name: "telemetry switched on by the user",
    parameters: [`${programs}/library-consumer.js`, model, String(SECONDS_UNTIL_SENT)],
    outputs: [],
    variables: { ORT_DISABLE_TELEMETRY: "0" },
  };
}
