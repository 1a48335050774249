import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { type RunningCommand, runCommand, type Surroundings } from "./commands.ts";
import type { DisturbedCommand, DisturbedInputs } from "./disturbed-commands.ts";

/** The folders in which one command at a time runs; no other command uses them. */
export class DisturbedPlace {
  readonly #folder: string;
  readonly command: DisturbedCommand;
  readonly inputs: string;
  readonly outputs: string;
  readonly temporary: string;
  /** Other files of the inputs' names. */
  readonly others: string;
  readonly #originals: string;

  constructor(folder: string, originals: DisturbedInputs, command: DisturbedCommand) {
    this.#folder = folder;
    this.inputs = join(folder, "inputs");
    this.outputs = join(folder, "outputs");
    this.temporary = join(folder, "temporary");
    this.#originals = originals.folder;
    this.others = originals.others;
    this.command = command;
  }

  /** Folders as if there had been no run before. */
  begin(): void {
    const { inputs, outputs, temporary } = this;
    for (const folder of [inputs, outputs, temporary]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    }
    const { inputs: read, piped, model } = this.command;
    for (const name of [...read, piped, model]) {
      if (name !== undefined) cpSync(join(this.#originals, name), join(inputs, name));
    }
  }

  run(surroundings: Surroundings): RunningCommand {
    const { piped } = this.command;
    return runCommand(
      // Some print the paths that they are given, which are to be the same in every place.
      this.command.command((name) => relative(this.#folder, this.pathOf(name))),
      {
        folder: this.#folder,
        environment: { TMPDIR: this.temporary },
        ...(piped === undefined ? {} : { input: this.pathOf(piped) }),
        ...surroundings,
      },
    );
  }

  pathOf(name: string): string {
    const { inputs, outputs } = this;
    return join(name === this.command.output ? outputs : inputs, name);
  }

  readOutput(): Buffer | undefined {
    const { output } = this.command;
    const path = output === undefined ? "" : this.pathOf(output);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /** What is there and should not be, by name. */
  leftFiles(): string[] {
    const { outputs, temporary } = this;
    const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
    return [...namesIn(outputs).filter((name) => name !== this.command.output), ...namesIn(temporary)];
  }
}
