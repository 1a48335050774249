import type { CommandForm } from "../command-forms/command-form.ts";

/** Programs, their commands, and the commands of these. */
export function allForms(programs: readonly CommandForm[]): CommandForm[] {
  return programs.flatMap((form) => [form, ...allForms(form.commands)]);
}

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function namesOf(programs: readonly CommandForm[]): string[] {
  return programs.map(({ words }) => words.join(" "));
}

/** What may stand in a command's first place, where that is one of some words: its commands, or choices. */
export function placedWords({ commands, positionals }: CommandForm): string[] {
  const choices = positionals.flatMap(({ value }) => (value.kind === "choice" ? value.choices : []));
  return [...commands.map(({ words }) => words.at(-1) ?? ""), ...choices];
}
