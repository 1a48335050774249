import { basename, extname } from "node:path";
import { shownAddress } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { bindRules, RecordRules } from "@oddflow/rules";
import { applyRulings, type RulingCounts } from "@oddflow/tables";
import type { Argv } from "yargs";
import { areFarAway } from "../are-far-away.ts";
import { fetchFlows } from "../fetched-flows.ts";
import { formatSuppressed } from "../format-summary.ts";
import { rate } from "../progress.ts";
import { readRules, tellLacking } from "../read-rules.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, filesOnly, interruptSignal } from "../run-command.ts";
import { oneLine, print } from "../terminal.ts";

interface ApplyArguments {
  scored: string;
  rules: string;
  out: string | undefined;
  "in-place": boolean;
}

export const applyRulesCommand: Command<ApplyArguments> = {
  builder: (parser) =>
    parser
      .positional("scored", {
        type: "string",
        demandOption: true,
        describe: "Scored flows, a file or an address: Parquet, CSV, JSON lines or a Zeek log",
      })
      .option("rules", { ...RULES_OPTION, demandOption: true })
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        conflicts: "in-place",
        describe: "Where they go, in the form that they have  [default: <scored>.ruled.<format>]",
      })
      .option("in-place", {
        type: "boolean",
        default: undefined,
        describe: "Have them take the place of the scored ones, whole or not at all",
      })
      .example(
        "$0 rules apply scored.parquet --rules rules.yaml",
        "what rules did before is undone; without rules the first alarms come back",
      ) as unknown as Argv<ApplyArguments>,
  handler: apply,
};

async function apply(options: ApplyArguments): Promise<void> {
  const signal = interruptSignal();
  const { scored } = options;
  filesOnly("rules apply", [scored]);
  const inPlace = options["in-place"] === true;
  if (inPlace && areFarAway([scored]))
    throw new OddflowError(
      "USAGE",
      `--in-place: ${shownAddress(scored)} is an address, and only files on this machine are written; name a file with --out`,
    );
  const rules = await readRules(options.rules);
  const own = new RecordRules(rules);
  let hasTold = false;
  const tell = (lacking: Parameters<typeof tellLacking>[0]): void => {
    if (!hasTold) tellLacking(lacking);
    hasTold = true;
  };
  const fetched = await fetchFlows([scored], signal);
  try {
    const [path = scored] = fetched.paths;
    const out = options.out ?? (inPlace ? path : ruledName(path));
    const counts = await applyRulings(path, {
      out,
      inPlace,
      hasRules: rules.rules.length > 0,
      rules: {
        bind(columns) {
          const bound = bindRules(rules, columns);
          tell(bound.lacking);
          return bound;
        },
        ruling(record) {
          if (!hasTold) tell(own.lacking(record));
          return own.ruling(record);
        },
      },
      signal,
    });
    print(`${countsText(counts)}written    ${oneLine(out)}\n`);
  } finally {
    fetched.close();
  }
}

function countsText({ flows, odd, before, alarms, suppressed, escalated }: RulingCounts): string {
  const lines = [
    `flows      ${rate(flows)}`,
    `alerts     ${rate(alarms)} of ${rate(odd)}; ${rate(before)} before`,
    ...formatSuppressed(suppressed),
    ...[...escalated].map(([rule, count]) => `escalated  ${rate(count)} by ${oneLine(rule)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Where scored flows go when nobody says it. */
function ruledName(scored: string): string {
  const name = basename(scored).replace(/\.(gz|zst)$/i, "");
  const ending = extname(name);
  return `${basename(name, ending)}.ruled${ending}`;
}
