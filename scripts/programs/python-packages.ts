import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "./run-program.ts";

/** A Python environment with packages, made once. */
export class PythonPackages {
  readonly #home: string;
  readonly #packages: readonly string[];

  /** @param packages as pip reads them; the first two name the environment's folder */
  constructor(cache: string, packages: readonly string[]) {
    this.#home = join(
      cache,
      packages
        .slice(0, 2)
        .join("-")
        .replace(/[^A-Za-z0-9.-]/g, "-"),
    );
    this.#packages = packages;
  }

  program(name: string): string {
    return join(this.#home, "bin", name);
  }

  /** @throws Error where they cannot be had */
  install(): void {
    const isDone = join(this.#home, "installed");
    if (existsSync(isDone)) return;
    mkdirSync(this.#home, { recursive: true });
    runProgram("python3", ["-m", "venv", this.#home], this.#home);
    runProgram(this.program("python"), ["-m", "pip", "install", "-q", ...this.#packages], this.#home);
    mkdirSync(isDone);
  }

  run(args: readonly string[], input?: string): string {
    return runProgram(this.program("python"), args, this.#home, input);
  }
}
