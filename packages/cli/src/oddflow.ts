import { doctorCommand } from "./commands/doctor.ts";
import { driftCommand } from "./commands/drift.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { fetchCommand } from "./commands/fetch.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { recalibrateCommand } from "./commands/recalibrate.ts";
import { scoreCommand } from "./commands/score.ts";
import { serveCommand } from "./commands/serve.ts";
import { signCommand } from "./commands/sign.ts";
import { trainCommand } from "./commands/train.ts";
import { verifyCommand } from "./commands/verify.ts";
import { workbenchCommand } from "./commands/workbench.ts";
import { runCommand } from "./run-command.ts";

await runCommand("oddflow", process.argv.slice(2), (parser) =>
  parser
    .usage("$0 <command>: find the odd flows in network traffic")
    .command(trainCommand)
    .command(scoreCommand)
    .command(serveCommand)
    .command(evaluateCommand)
    .command(driftCommand)
    .command(recalibrateCommand)
    .command(inspectCommand)
    .command(signCommand)
    .command(verifyCommand)
    .command(workbenchCommand)
    .command(fetchCommand)
    .command(doctorCommand)
    .demandCommand(1, "a command is missing"),
);
