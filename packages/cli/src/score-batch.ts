import { type ScoreArguments, score, scoreOptions } from "./commands/score.ts";
import { runCommand } from "./run-command.ts";

await runCommand("score-batch", process.argv.slice(2), (parser) =>
  parser.command<ScoreArguments>({
    command: "$0 <flows..>",
    describe: "Score flows with a model: every row, in its order, with score and is_anomaly",
    builder: (defined) => scoreOptions(defined, "$0"),
    handler: score,
  }),
);
