import { LEAST_PROBABILITY, type ScoredHosts, scoreHosts } from "@oddflow/detector";
import { HOST_ENTITIES } from "@oddflow/flow-sources";
import { OddflowError, type OptionRange } from "@oddflow/preprocessing";
import {
  type FlowTable,
  findOutputPlace,
  type HostWindow,
  type HostWindows,
  hostRecord,
  type OutputPlace,
  readHostWindows,
  writeHostTable,
} from "@oddflow/tables";
import type { Argv } from "yargs";
import { openFlows } from "../fetched-flows.ts";
import { tellReadings } from "../format-reading.ts";
import { FROM_OPTION } from "../from-option.ts";
import { formatHostSummary, formatOddestHosts } from "../hosts/format-hosts.ts";
import { hostEntity, hostTimes } from "../hosts/host-entity.ts";
import { HOST_TIME_OPTION, NETWORK_OPTION } from "../hosts/host-options.ts";
import { DEFAULT_WINDOW, parseWindow, windowText } from "../hosts/window-length.ts";
import { refuseIdle } from "../idle-options.ts";
import { numberIn, parsed } from "../option-values.ts";
import { rate } from "../progress.ts";
import { type Command, filesOnly, interruptSignal } from "../run-command.ts";
import { complain, print } from "../terminal.ts";
import { type AlertBudget, parseBudget } from "../threshold-choice.ts";

const SHOWN: OptionRange = { from: 0, whole: true };

const DEFAULT_SHOWN = 10;

/** A number of hosts that somebody can look at. */
const DEFAULT_BUDGET = "5/day";

const USE = { command: "hosts", option: "--entity" };

interface HostsArguments {
  flows: string[];
  entity: string;
  window: number;
  baseline: string | undefined;
  "own-baseline": boolean | undefined;
  budget: AlertBudget;
  time: string | undefined;
  "context-by": string | undefined;
  out: string | undefined;
  oddest: number;
  from: string | undefined;
  json: boolean;
}

export const hostsCommand: Command<HostsArguments> = {
  builder: (parser) =>
    parser
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Scored tables, as score-batch writes them",
      })
      .option("entity", {
        requiresArg: true,
        type: "string",
        default: HOST_ENTITIES[0],
        describe: `What a host is: ${HOST_ENTITIES.join(", ")} (source to destination), or a column`,
      })
      .option("window", {
        requiresArg: true,
        type: "string",
        coerce: parsed(parseWindow("window")),
        default: windowText(DEFAULT_WINDOW),
        describe: "Stretch of time in which a host's flows are taken together, such as 10m, 1h or 1d",
      })
      .option("baseline", {
        requiresArg: true,
        type: "string",
        describe: "Scored table of earlier flows: what hosts usually do  [default: these flows themselves]",
      })
      .option("own-baseline", {
        type: "boolean",
        describe: "Hold each host to what it did itself in --baseline, too",
      })
      .option("budget", {
        requiresArg: true,
        alias: "b",
        type: "string",
        coerce: parsed(parseBudget),
        default: DEFAULT_BUDGET,
        describe: "Hosts that usual traffic may alarm, such as 5/day, or a share of the host windows",
      })
      .option("time", HOST_TIME_OPTION)
      .option("context-by", NETWORK_OPTION)
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        describe: "File of all host windows with their scores: .parquet, .csv, .tsv or .ndjson",
      })
      .option("oddest", {
        requiresArg: true,
        type: "number",
        default: DEFAULT_SHOWN,
        coerce: numberIn("oddest", SHOWN),
        describe: "Print this many of the oddest",
      })
      .option("from", FROM_OPTION)
      .option("json", {
        type: "boolean",
        default: false,
        describe: "Print the hosts that alarm, and the summary, as JSON",
      })
      .example(
        "$0 hosts today.scored.parquet --baseline 'week/*.scored.parquet'",
        "five hosts a day at most, of usual ones",
      )
      .example(
        "$0 hosts conn.scored.log --entity pair --window 10m -o hosts.ndjson",
        "",
      ) as unknown as Argv<HostsArguments>,
  handler: hosts,
};

async function hosts(options: HostsArguments): Promise<void> {
  filesOnly("hosts", [...options.flows, options.baseline ?? ""]);
  refuseIdle(options, [
    {
      option: "own-baseline",
      isIdle: ({ baseline }) => baseline === undefined,
      isFor: "is for hosts of a --baseline",
    },
  ]);
  const signal = interruptSignal();
  const inputs: string[] = [];
  const usual =
    options.baseline === undefined
      ? undefined
      : await windowsOf([options.baseline], options, signal, async ({ paths }) => void inputs.push(...paths));
  let place: OutputPlace | undefined;
  try {
    const found = await windowsOf(options.flows, options, signal, async (table) => {
      inputs.push(...table.paths);
      if (options.out !== undefined)
        place = await findOutputPlace(
          options.out,
          inputs.map((path) => ({ path })),
        );
    });
    const scored = scoreHosts(found.windows, {
      usual: usual?.windows,
      knowsHosts: options["own-baseline"] === true,
      budget: options.budget,
      windowSeconds: options.window,
    });
    if (place !== undefined) await writeHostTable(place, scored.hosts, options.window);
    tell(options, found, scored);
  } finally {
    await place?.discard();
  }
}

/** @param onOpen is told of the table before anything takes long */
async function windowsOf(
  files: readonly string[],
  options: HostsArguments,
  signal: AbortSignal,
  onOpen: (table: FlowTable) => Promise<void> = async () => undefined,
): Promise<HostWindows> {
  const table = await openFlows(files, { from: options.from, signal });
  try {
    await onOpen(table);
    const found = await readHostWindows(table, {
      entity: hostEntity(table, options.entity, USE),
      network: options["context-by"],
      time: await hostTimes(table, options.time, USE),
      seconds: options.window,
      leastProbability: LEAST_PROBABILITY,
    });
    if (found.windows.length === 0)
      throw new OddflowError("TABLE_EMPTY", `hosts: ${table.paths[0]}: no flow has a host and a time`);
    tellReadings(table.readings, options.json);
    return found;
  } finally {
    table.close();
  }
}

function tell(options: HostsArguments, { leftOut }: HostWindows, scored: ScoredHosts<HostWindow>): void {
  if (leftOut > 0) complain(`left out   ${rate(leftOut)} flows without a host or a time\n`);
  if (options.baseline === undefined)
    complain("note       usual is what these flows do; --baseline names earlier ones\n");
  if (options.json) {
    const { hosts: all, ...figures } = scored;
    const alarms = all.filter(({ isAnomaly }) => isAnomaly).map((host) => hostRecord(host, options.window));
    print(`${JSON.stringify({ ...figures, windows: all.length, alarms })}\n`);
    return;
  }
  print(formatOddestHosts(scored.hosts, options.oddest));
  print(formatHostSummary(scored, windowText(options.window)));
  if (options.out !== undefined) print(`written    ${options.out}\n`);
}
