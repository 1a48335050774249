import type { Argv } from "yargs";
import { applyRulesCommand } from "../rules/apply-rules-command.ts";
import { testRulesCommand } from "../rules/test-rules-command.ts";
import type { Command } from "../run-command.ts";

/** Two commands in one. */
export const rulesCommand: Command<unknown> = {
  builder: (parser) =>
    parser
      .command({
        command: "test <rules> [scored..]",
        describe: "Check a file of rules, and say what each does to the alarms of scored flows",
        ...testRulesCommand,
      })
      .command({
        command: "apply <scored>",
        describe: "Write scored flows again with what rules say of their alarms, without a model",
        ...applyRulesCommand,
      })
      .demandCommand(1, "name what to do: test or apply") as Argv<unknown>,
  handler: () => {},
};
