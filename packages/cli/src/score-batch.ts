import { scoreBatchCommand } from "./commands/score.ts";
import { runCommand } from "./run-command.ts";

await runCommand("score-batch", process.argv.slice(2), (parser) => parser.command(scoreBatchCommand));
