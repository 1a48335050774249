import type { Argv } from "yargs";
import { readRules } from "../read-rules.ts";
import { type Command, filesOnly, interruptSignal } from "../run-command.ts";
import { oneLine, print } from "../terminal.ts";
import { formatRuleReport } from "./format-rule-report.ts";
import { testRules } from "./test-rules.ts";

interface TestArguments {
  rules: string;
  scored: string[] | undefined;
  json: boolean;
}

export const testRulesCommand: Command<TestArguments> = {
  builder: (parser) =>
    parser
      .positional("rules", { type: "string", demandOption: true, describe: "File of rules, YAML or JSON" })
      .positional("scored", {
        type: "string",
        array: true,
        describe: "Files, globs or addresses of scored flows; without any the file of rules is checked alone",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the report as JSON" })
      .example(
        "$0 rules test rules.yaml scored.parquet",
        "what each rule matches and hides",
      ) as unknown as Argv<TestArguments>,
  handler: test,
};

async function test({ rules: path, scored = [], json }: TestArguments): Promise<void> {
  const signal = interruptSignal();
  filesOnly("rules test", scored);
  const rules = await readRules(path);
  if (scored.length === 0) {
    const count = rules.rules.length;
    const text = `rules      ${oneLine(path)} has ${count} ${count === 1 ? "rule" : "rules"}\n`;
    return print(
      json ? `${JSON.stringify({ rules: rules.rules.map(({ id, verdict }) => ({ id, verdict })) })}\n` : text,
    );
  }
  const report = await testRules(rules, scored, signal);
  print(json ? `${JSON.stringify(report)}\n` : formatRuleReport(report));
}
