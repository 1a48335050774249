import type { CommandForm, OptionForm, ValueForm } from "../command-forms/command-form.ts";
import { allForms, namesOf, placedWords, shellQuoted } from "./form-words.ts";

/**
 * A script that completes commands, options and their words in bash 3.2 and later, by itself: no process is started for a key. What may be
 * a path is left to the shell.
 */
export function completeInBash(programs: readonly CommandForm[]): string {
  return `# Completion of ${namesOf(programs).join(" and ")} in bash.
_oddflow() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at=1 path=\${COMP_WORDS[0]##*/}
  local words='' options='' places='' value=''
  COMPREPLY=()
  # --option=value comes as three words.
  if [[ $cur == = ]]; then cur=''
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  while ((at < COMP_CWORD)); do
    case "$path \${COMP_WORDS[at]}" in
      ${allForms(programs)
        .filter(({ words }) => words.length > 1)
        .map(({ words }) => shellQuoted(words.join(" ")))
        .join(" | ")}) path="$path \${COMP_WORDS[at]}" ;;
      *) break ;;
    esac
    ((at += 1))
  done
  case $path in
${allForms(programs).map(commandCase).join("\n")}
  esac
  case $value in
    file) return ;;
    words | number) ;;
    *)
      if [[ $cur == -* ]]; then words=$options
      elif [[ -n $places ]]; then words=$places
      else return; fi ;;
  esac
  # Without a word that fits, files would be offered.
  if type compopt >/dev/null 2>&1; then compopt +o default +o bashdefault; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -o bashdefault -F _oddflow ${namesOf(programs).join(" ")}
`;
}

/** What follows a command's words. */
function commandCase(form: CommandForm): string {
  const { words, options } = form;
  const valued = options.filter(({ value }) => value.kind !== "none");
  const cases = valued.map(({ flags, value }) => `        ${flags.join(" | ")}) ${valueWords(value)} ;;`);
  const lines = [
    `      options=${shellQuoted(options.flatMap(longFlags).join(" "))}`,
    `      places=${shellQuoted(placedWords(form).join(" "))}`,
    ...(cases.length === 0 ? [] : ["      case $prev in", ...cases, "      esac"]),
  ];
  return `    ${shellQuoted(words.join(" "))})\n${lines.join("\n")}\n      ;;`;
}

function longFlags({ flags }: OptionForm): readonly string[] {
  return flags.filter((flag) => flag.startsWith("--"));
}

function valueWords(value: ValueForm): string {
  if (value.kind === "choice") return `value='words' words=${shellQuoted(value.choices.join(" "))}`;
  return value.kind === "number" ? "value='number'" : "value='file'";
}
