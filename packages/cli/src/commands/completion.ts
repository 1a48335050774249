import type { Argv, CommandModule } from "yargs";
import type { CommandForm } from "../command-forms/command-form.ts";
import { readCommandForm, readProgramForm } from "../command-forms/read-command-form.ts";
import { completeInBash } from "../completion/complete-in-bash.ts";
import { completeInFish } from "../completion/complete-in-fish.ts";
import { completeInZsh } from "../completion/complete-in-zsh.ts";
import type { Command } from "../run-command.ts";
import { print } from "../terminal.ts";
import { scoreBatchCommand } from "./score.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

const COMPLETED: Readonly<Record<Shell, (programs: readonly CommandForm[]) => string>> = {
  bash: completeInBash,
  zsh: completeInZsh,
  fish: completeInFish,
};

interface CompletionArguments {
  shell: Shell;
}

/** @param commands those of `oddflow`, this one among them */
export function completionCommand(commands: readonly CommandModule[]): Command<CompletionArguments> {
  return {
    builder: (parser) =>
      parser
        .positional("shell", {
          choices: SHELLS,
          demandOption: true,
          describe: "Whose completion to print",
        })
        .example("$0 completion bash > ~/.local/share/bash-completion/completions/oddflow", "for bash")
        .example("$0 completion zsh > ~/.zfunc/_oddflow", "for zsh, where ~/.zfunc is in fpath")
        .example("$0 completion fish > ~/.config/fish/completions/oddflow.fish", "for fish")
        .epilog(
          "To be printed anew with each release: what is printed starts no program for a key.",
        ) as Argv<CompletionArguments>,
    handler: async ({ shell }) => {
      print(COMPLETED[shell](await programForms(commands)));
    },
  };
}

/** Both programs. */
export async function programForms(commands: readonly CommandModule[]): Promise<CommandForm[]> {
  return [
    await readProgramForm("oddflow", "Find the odd flows in network traffic", commands),
    await readCommandForm(scoreBatchCommand, ["score-batch"]),
  ];
}
