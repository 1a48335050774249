/** What a command takes, as its help, its manual page and completion in shells say it. Plain data. */
export interface CommandForm {
  /** The words that name it, the program first: `oddflow rules test`. */
  readonly words: readonly string[];
  /** What it is called with: `<rules> [scored..]`; empty for none. */
  readonly usage: string;
  /** A sentence without its full stop. */
  readonly describe: string;
  readonly positionals: readonly ArgumentForm[];
  readonly options: readonly OptionForm[];
  readonly examples: readonly ExampleForm[];
  readonly epilogs: readonly string[];
  readonly commands: readonly CommandForm[];
}

export interface ExampleForm {
  readonly command: string;
  readonly meaning: string;
}

/** Something that is given by its place. */
export interface ArgumentForm {
  readonly name: string;
  readonly describe: string;
  readonly value: ValueForm;
  /** In words; absent where there is none, or it is said in the description. */
  readonly defaultText?: string;
  readonly isRepeatable: boolean;
}

export interface OptionForm extends ArgumentForm {
  /** All of them: `--out`, `-o`; those of one letter last. */
  readonly flags: readonly string[];
  /** The title of the options that it belongs to; absent for the command's own. */
  readonly group?: string;
}

/** What may stand for a value: one of some words, a number, a text, which may be a path, or nothing. */
export type ValueForm =
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "number" | "text" | "none" };
