import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `oddflow` as somebody does who has the extension and a bucket's key. */
export class Oddflow {
  readonly #program: string;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** @param folder where it runs */
  constructor(root: string, folder: string, environment: NodeJS.ProcessEnv) {
    this.#program = join(root, "packages", "cli", "bin", "oddflow.js");
    this.#folder = folder;
    this.#environment = environment;
  }

  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [this.#program, ...args], {
      cwd: this.#folder,
      env: { ...this.#environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return finished(this.start(args, environment));
  }
}

export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}
