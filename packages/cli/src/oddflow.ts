import { COMMAND_NAMES, COMMANDS } from "./command-list.ts";
import { runCommand } from "./run-command.ts";

await runCommand(
  "oddflow",
  process.argv.slice(2),
  (parser) =>
    parser
      .usage("$0 <command>: find the odd flows in network traffic")
      .command([...COMMANDS])
      .demandCommand(1, "a command is missing"),
  COMMAND_NAMES,
);
