import { HOST_ENTITIES } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { isZone } from "@oddflow/rules";
import type { Argv } from "yargs";
import { HOST_TIME_OPTION } from "../hosts/host-options.ts";
import { type IdleOption, refuseIdle } from "../idle-options.ts";
import { parsed } from "../option-values.ts";
import { type AlertBudget, parseBudget } from "../threshold-choice.ts";
import type { SilenceRequest } from "./find-silence.ts";

const DEFAULT_BUDGET = "1/day";
const DEFAULT_ZONE = "UTC";

export interface SilenceArguments {
  by: string | undefined;
  baseline: string | undefined;
  budget: AlertBudget | undefined;
  time: string | undefined;
  zone: string | undefined;
}

/** Declares what says whose silence is looked for. */
export function silenceOptions<T>(parser: Argv<T>): Argv<T> {
  return parser
    .option("by", {
      requiresArg: true,
      type: "string",
      describe: `Report hosts that stopped: ${HOST_ENTITIES.join(", ")}, or a column, such as the sensor's`,
    })
    .option("baseline", {
      requiresArg: true,
      type: "string",
      describe: "Earlier flows, scored or not, that say how often hosts come  [with --by]",
    })
    .option("budget", {
      requiresArg: true,
      alias: "b",
      type: "string",
      coerce: parsed(parseBudget),
      describe: `Usual hosts that may be reported  [default: ${DEFAULT_BUDGET}]`,
    })
    .option("time", HOST_TIME_OPTION)
    .option("zone", {
      requiresArg: true,
      type: "string",
      coerce: parsed(parseZone),
      describe: `Whose clocks the hours of hosts' rates go by, such as Europe/Berlin  [default: ${DEFAULT_ZONE}]`,
    });
}

/**
 * What the options say; undefined where nobody's silence is looked for.
 * @throws OddflowError USAGE
 */
export function silenceRequest(
  options: SilenceArguments,
): (SilenceRequest & { readonly baseline: string }) | undefined {
  refuseIdle(options, IDLE);
  const { by, baseline, budget = parseBudget(DEFAULT_BUDGET), time, zone = DEFAULT_ZONE } = options;
  if (by === undefined) return undefined;
  if (baseline === undefined)
    throw new OddflowError(
      "USAGE",
      "--by needs earlier flows that say how often hosts come; name them with --baseline",
    );
  if ("share" in budget)
    throw new OddflowError(
      "USAGE",
      `--budget ${budget.share}: expected a number of hosts such as ${DEFAULT_BUDGET} (hour, day or week)`,
    );
  return { by, baseline, budget, time, zone };
}

const IDLE: readonly IdleOption<SilenceArguments>[] = (["baseline", "budget", "time", "zone"] as const).map(
  (option) => ({ option, isIdle: ({ by }) => by === undefined, isFor: "is for hosts, which --by names" }),
);

/** @throws OddflowError USAGE */
function parseZone(text: string): string {
  if (isZone(text)) return text;
  throw new OddflowError("USAGE", `--zone ${text}: no such time zone is known; name one as Europe/Berlin`);
}
