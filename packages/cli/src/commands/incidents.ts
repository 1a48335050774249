import { HOST_ENTITIES } from "@oddflow/flow-sources";
import { type AlarmColumns, DEFAULT_INCIDENTS } from "@oddflow/incidents";
import { OddflowError, type OptionRange } from "@oddflow/preprocessing";
import { findOutputPlace, type OutputPlace } from "@oddflow/tables";
import type { Argv } from "yargs";
import { openFlows } from "../fetched-flows.ts";
import { tellReadings } from "../format-reading.ts";
import { FROM_OPTION } from "../from-option.ts";
import { HOST_TIME_OPTION, NETWORK_OPTION } from "../hosts/host-options.ts";
import { parseWindow, windowText } from "../hosts/window-length.ts";
import { refuseIdle } from "../idle-options.ts";
import { gatherIncidents } from "../incidents/gather-incidents.ts";
import { INCIDENT_FORMATS, type IncidentFormat } from "../incidents/incident-lines.ts";
import { IncidentOutput } from "../incidents/incident-output.ts";
import { pipedAlarms } from "../incidents/piped-alarms.ts";
import { tableAlarms } from "../incidents/table-alarms.ts";
import { numberIn, parsed } from "../option-values.ts";
import { type Command, EXIT_STATUS, interruptSignal, STANDARD_INPUT } from "../run-command.ts";
import { checkStandardInput } from "../standard-streams.ts";
import { complain } from "../terminal.ts";

const SHOWN: OptionRange = { from: 0, whole: true };

const DEFAULT_SHOWN = 10;

interface IncidentsArguments {
  flows: string[];
  entity: string;
  gap: number;
  longest: number;
  time: string | undefined;
  "context-by": string | undefined;
  format: IncidentFormat | undefined;
  json: boolean;
  out: string | undefined;
  oddest: number | undefined;
  from: string | undefined;
}

export const incidentsCommand: Command<IncidentsArguments> = {
  builder: (parser) =>
    parser
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Scored tables, as score-batch --top writes them; - reads standard input",
      })
      .option("entity", {
        requiresArg: true,
        type: "string",
        default: HOST_ENTITIES[0],
        describe: `Whose alarms are one incident: ${HOST_ENTITIES.join(", ")} (source to destination), or a column`,
      })
      .option("gap", {
        requiresArg: true,
        type: "string",
        coerce: parsed(parseWindow("gap")),
        default: windowText(DEFAULT_INCIDENTS.gap),
        describe: "An incident ends when so long none of its alarms has come",
      })
      .option("longest", {
        requiresArg: true,
        type: "string",
        coerce: parsed(parseWindow("longest")),
        default: windowText(DEFAULT_INCIDENTS.longest),
        describe: "Another one begins after so long",
      })
      .option("time", HOST_TIME_OPTION)
      .option("context-by", NETWORK_OPTION)
      .option("format", {
        requiresArg: true,
        choices: INCIDENT_FORMATS,
        describe:
          "One incident a line, for machines: Oddflow's JSON, Elastic Common Schema, OCSF, or CEF in syslog  [default: json with --out]",
      })
      .option("json", { type: "boolean", default: false, describe: "The same as --format json" })
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        describe: "File of all incidents, in the order in which they ended: .ndjson, or .log for syslog",
      })
      .option("oddest", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("oddest", SHOWN),
        describe: `Print this many of the worst  [default: ${DEFAULT_SHOWN}]`,
      })
      .option("from", FROM_OPTION)
      .example("$0 incidents scored.parquet", "what a person should look at first")
      .example(
        "tail -F conn.json | score-batch - --top 3 | $0 incidents - --format ecs",
        "",
      ) as unknown as Argv<IncidentsArguments>,
  handler: incidents,
};

async function incidents(options: IncidentsArguments): Promise<void> {
  const signal = interruptSignal();
  checkOptions(options);
  await (isPiped(options) ? incidentsOfPipe(options, signal) : incidentsOfTable(options, signal));
}

async function incidentsOfTable(options: IncidentsArguments, signal: AbortSignal): Promise<void> {
  const table = await openFlows(options.flows, { from: options.from, signal });
  try {
    const { readings, haveReasons } = await tableAlarms(table, alarmColumns(options), signal);
    const place = await placeOf(options, table.paths);
    try {
      const output = outputOf(options, place);
      tellReadings(table.readings, output.isForPrograms);
      if (!haveReasons)
        complain(
          "note       why flows were odd is not in the table; score-batch --top 3 --reasons writes it\n",
        );
      const counts = await gatherIncidents(readings, options, (some) => output.write(some));
      await output.end(counts, table.rows);
    } finally {
      await place?.discard();
    }
  } finally {
    table.close();
  }
}

/** What has ended comes out at once, and the rest when the input has. */
async function incidentsOfPipe(options: IncidentsArguments, signal: AbortSignal): Promise<void> {
  checkStandardInput();
  const place = await placeOf(options, []);
  try {
    const output = outputOf(options, place);
    const readings = pipedAlarms(process.stdin, alarmColumns(options), signal);
    const counts = await gatherIncidents(readings, options, (some) => output.write(some));
    await output.end(counts, counts.flows);
  } finally {
    await place?.discard();
  }
  if (signal.aborted) process.exitCode = EXIT_STATUS.interrupted;
}

function alarmColumns({ entity, time, "context-by": network }: IncidentsArguments): AlarmColumns {
  return { entity, time, network };
}

async function placeOf(
  { out }: IncidentsArguments,
  inputs: readonly string[],
): Promise<OutputPlace | undefined> {
  if (out === undefined) return undefined;
  return findOutputPlace(
    out,
    inputs.map((path) => ({ path })),
  );
}

function outputOf(options: IncidentsArguments, place: OutputPlace | undefined): IncidentOutput {
  const { oddest = DEFAULT_SHOWN } = options;
  const format = options.format ?? (options.json || place !== undefined ? "json" : undefined);
  return new IncidentOutput({ format, place, oddest: isForEyes(options) ? oddest : undefined });
}

const isPiped = ({ flows }: IncidentsArguments): boolean => flows.includes(STANDARD_INPUT);

/** Whether the worst are printed at the end. */
function isForEyes(options: IncidentsArguments): boolean {
  const { out, format, json } = options;
  return out !== undefined || (!isPiped(options) && format === undefined && !json);
}

/** What incidents are not written as: they hold lists. */
const TABLES = /\.(parquet|csv|tsv)$/i;

/** @throws OddflowError USAGE for what cannot go together */
function checkOptions(options: IncidentsArguments): void {
  const { flows, format, json, out } = options;
  const refuse = (message: string): never => {
    throw new OddflowError("USAGE", message);
  };
  if (isPiped(options) && flows.length > 1)
    refuse("standard input (-) and files cannot be read in one run; name one of them");
  if (json && format !== undefined && format !== "json")
    refuse(`--json and --format ${format} are two forms; give one of them`);
  if (out !== undefined && TABLES.test(out))
    refuse(`--out ${out}: incidents are written one a line; name a .ndjson file, or a .log for syslog`);
  refuseIdle(options, [
    {
      option: "oddest",
      isIdle: (own) => !isForEyes(own),
      isFor: "is for files whose incidents are printed for a person, and beside --out",
    },
    {
      option: "from",
      isIdle: isPiped,
      isFor: "is for files; what standard input holds is told by its beginning",
    },
  ]);
}
