import type { ArgumentForm, CommandForm, OptionForm } from "../command-forms/command-form.ts";
import { allForms, namesOf, shellQuoted } from "./form-words.ts";

/**
 * A script that completes commands, options and their words in zsh, with what each means. It is read from `fpath` as `_oddflow`, or
 * sourced where `compinit` has run.
 */
export function completeInZsh(programs: readonly CommandForm[]): string {
  const names = namesOf(programs);
  return `#compdef ${names.join(" ")}
# Completion of ${names.join(" and ")} in zsh.
${allForms(programs).map(commandFunction).join("\n")}
_oddflow_of() {
  case \${service:-\${words[1]:t}} in
${names.map((name) => `    ${name}) ${functionOf([name])} ;;`).join("\n")}
  esac
}
if [[ \${funcstack[1]} == _oddflow ]]; then _oddflow_of "$@"
else compdef _oddflow_of ${names.join(" ")}; fi
`;
}

function commandFunction({ words, options, positionals, commands }: CommandForm): string {
  const name = functionOf(words);
  const own = options.map(optionSpec);
  if (commands.length === 0) {
    return `${name}() {\n  _arguments -s ${lines([...own, ...positionals.map(positionalSpec)])}\n}`;
  }
  const described = commands.map((each) =>
    shellQuoted(`${each.words.at(-1)}:${each.describe.replaceAll(":", "\\:")}`),
  );
  const cases = commands.map((each) => `      ${each.words.at(-1)}) ${functionOf(each.words)} ;;`);
  return `${name}() {
  local state line context
  typeset -A opt_args
  _arguments -C ${lines([...own, shellQuoted("1:command:->command"), shellQuoted("*::argument:->argument")])}
  case $state in
    command)
      local -a commands=(${lines(described)})
      _describe -t commands command commands ;;
    argument)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
}`;
}

/** What `_arguments` calls a spec: every flag shuts the others out, unless it may be repeated. */
function optionSpec(option: OptionForm): string {
  const { flags, describe, isRepeatable } = option;
  const meaning = `[${describe.replaceAll(/[\\[\]:]/g, "\\$&")}]`;
  const others = isRepeatable ? "*" : `(${flags.join(" ")})`;
  return flags
    .map((flag) => {
      const takes = option.value.kind !== "none" && flag.startsWith("--") ? "=" : "";
      return shellQuoted(`${others}${flag}${takes}${meaning}${valueSpec(option)}`);
    })
    .join(" ");
}

function positionalSpec(positional: ArgumentForm): string {
  return shellQuoted(`${positional.isRepeatable ? "*" : ""}:${positional.name}:${actionOf(positional)}`);
}

function valueSpec(option: OptionForm): string {
  return option.value.kind === "none" ? "" : `:${option.name}:${actionOf(option)}`;
}

function actionOf({ value }: ArgumentForm): string {
  if (value.kind === "choice") return `(${value.choices.join(" ")})`;
  return value.kind === "text" ? "_files" : " ";
}

function functionOf(words: readonly string[]): string {
  return `_oddflow_${words.join("_").replaceAll("-", "_")}`;
}

function lines(specs: readonly string[]): string {
  return specs.map((spec) => `\\\n    ${spec}`).join(" ");
}
