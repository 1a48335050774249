import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runProgram } from "./run-program.ts";

/** Packages of npm in a folder of their own, installed once. */
export class NpmPackages {
  readonly #home: string;
  readonly #packages: readonly string[];

  /** @param packages as npm reads them; together they name the folder */
  constructor(cache: string, packages: readonly string[]) {
    this.#home = join(cache, packages.join("-").replace(/[^A-Za-z0-9.-]/g, "-"));
    this.#packages = packages;
  }

  /** @throws Error where they cannot be had */
  install(): void {
    const isDone = join(this.#home, "installed");
    if (existsSync(isDone)) return;
    mkdirSync(this.#home, { recursive: true });
    const quiet = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    runProgram("npm", ["install", "--prefix", this.#home, ...quiet, ...this.#packages], this.#home);
    mkdirSync(isDone);
  }

  /** What a package of CommonJS exports. */
  load(name: string): unknown {
    return createRequire(join(this.#home, "from-here.cjs"))(name);
  }
}
