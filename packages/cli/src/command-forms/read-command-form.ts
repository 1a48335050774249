import type { Argv, Choices, CommandModule, Options } from "yargs";
import type { CommandForm, ExampleForm, OptionForm, ValueForm } from "./command-form.ts";

/** What yargs adds to every command by itself. */
const EVERYWHERE: readonly (readonly [name: string, options: Options])[] = [
  ["help", { alias: "h", type: "boolean", describe: "Show help" }],
  ["version", { type: "boolean", describe: "Show version number" }],
];

/** Keeps what a command's builder says to yargs. What it lacks of yargs' parser no command uses. */
class CommandListener {
  readonly named: (readonly [name: string, options: Options])[] = [];
  readonly positionals: (readonly [name: string, options: Options])[] = [];
  readonly examples: ExampleForm[] = [];
  readonly epilogs: string[] = [];
  readonly commands: CommandModule[] = [];
  /** By option, the title that it stands under. */
  readonly groups = new Map<string, string>();

  option(name: string, options: Options): this {
    this.named.push([name, options]);
    return this;
  }

  options(options: Readonly<Record<string, Options>>): this {
    this.named.push(...Object.entries(options));
    return this;
  }

  positional(name: string, options: Options): this {
    this.positionals.push([name, options]);
    return this;
  }

  example(command: string, meaning: string): this {
    this.examples.push({ command, meaning });
    return this;
  }

  epilog(text: string): this {
    this.epilogs.push(text);
    return this;
  }

  command(module: CommandModule): this {
    this.commands.push(module);
    return this;
  }

  group(names: readonly string[], title: string): this {
    for (const name of names) this.groups.set(name, title);
    return this;
  }

  demandCommand(): this {
    return this;
  }
}

/** A program with commands, whose modules are all read for it. */
export async function readProgramForm(
  program: string,
  describe: string,
  commands: readonly CommandModule[],
): Promise<CommandForm> {
  const words = [program];
  return {
    words,
    usage: "<command>",
    describe,
    positionals: [],
    options: EVERYWHERE.map(([own, options]) => argumentForm(own, options)),
    examples: [],
    epilogs: [],
    commands: await Promise.all(commands.map((each) => readCommandForm(each, words))),
  };
}

/**
 * Has a command say its options, as to yargs, and reads its module where it is loaded late.
 * @param before the words before the command's own: the program, and a command that it is a part of
 */
export async function readCommandForm(
  module: Pick<CommandModule, "command" | "describe" | "builder">,
  before: readonly string[],
): Promise<CommandForm> {
  const [name = "", ...places] = String(module.command).split(" ");
  const words = name === "$0" ? before : [...before, name];
  const program = words[0] ?? "";
  const listener = new CommandListener();
  if (typeof module.builder === "function") await module.builder(listener as unknown as Argv);
  const named = (text: string): string => text.replaceAll("$0", program);
  return {
    words,
    usage: places.join(" "),
    describe: typeof module.describe === "string" ? module.describe : "",
    positionals: listener.positionals.map(([own, options]) => argumentForm(own, options)),
    options: [...listener.named, ...EVERYWHERE].map(([own, options]) => {
      const group = listener.groups.get(own);
      return { ...argumentForm(own, options), ...(group === undefined ? {} : { group }) };
    }),
    examples: listener.examples.map(({ command, meaning }) => ({ command: named(command), meaning })),
    epilogs: listener.epilogs.map(named),
    commands: await Promise.all(listener.commands.map((each) => readCommandForm(each, words))),
  };
}

function argumentForm(name: string, options: Options): OptionForm {
  const { alias = [], describe = "", array, default: given, defaultDescription } = options;
  const flags = [name, ...[alias].flat()].map((each) => (each.length === 1 ? `-${each}` : `--${each}`));
  const isSaid = given !== undefined && given !== false && String(given) !== "";
  const defaultText = defaultDescription ?? (isSaid ? String(given) : undefined);
  return {
    name,
    flags,
    describe,
    value: valueForm(options),
    ...(defaultText === undefined ? {} : { defaultText }),
    isRepeatable: array === true,
  };
}

function valueForm({ choices, type }: Options): ValueForm {
  if (choices !== undefined) return { kind: "choice", choices: (choices as Choices).map(String) };
  return { kind: type === "boolean" ? "none" : type === "number" ? "number" : "text" };
}
