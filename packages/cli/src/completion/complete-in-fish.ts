import type { CommandForm, OptionForm } from "../command-forms/command-form.ts";
import { allForms, namesOf, placedWords } from "./form-words.ts";

/** A script that completes commands, options and their words in fish, with what each means. */
export function completeInFish(programs: readonly CommandForm[]): string {
  return `# Completion of ${namesOf(programs).join(" and ")} in fish.
# Whether the words after the program begin with these.
function __oddflow_in
    set -l words (commandline -opc)
    set -e words[1]
    for word in $argv
        test (count $words) -gt 0; and test $words[1] = $word; or return 1
        set -e words[1]
    end
end
# Whether they are these, or options come next.
function __oddflow_at
    set -l words (commandline -opc)
    __oddflow_in $argv; and test (count $words) -eq (math (count $argv) + 1)
end
${allForms(programs).flatMap(commandLines).join("\n")}
`;
}

function commandLines(form: CommandForm): string[] {
  const { words, options, commands } = form;
  const [program = "", ...path] = words;
  const when = (test: string): string =>
    `complete -c ${program} -n ${quotedInFish([test, ...path].join(" "))}`;
  return [
    ...commands.map(
      (each) =>
        `${when("__oddflow_at")} -f -a ${quotedInFish(each.words.at(-1) ?? "")} -d ${quotedInFish(each.describe)}`,
    ),
    ...(commands.length > 0 || placedWords(form).length === 0
      ? []
      : [`${when("__oddflow_in")} -f -a ${quotedInFish(placedWords(form).join(" "))}`]),
    ...options.map(
      (option) => `${when(commands.length > 0 ? "__oddflow_at" : "__oddflow_in")} ${optionSpec(option)}`,
    ),
  ];
}

function optionSpec({ flags, describe, value }: OptionForm): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const takes =
    value.kind === "none"
      ? []
      : value.kind === "choice"
        ? [`-x -a ${quotedInFish(value.choices.join(" "))}`]
        : [value.kind === "number" ? "-x" : "-r -F"];
  return [...names, ...takes, `-d ${quotedInFish(describe)}`].join(" ");
}

function quotedInFish(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
