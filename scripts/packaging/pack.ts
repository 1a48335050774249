import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A package as it would be published. */
export interface Tarball {
  readonly name: string;
  readonly file: string;
}

/** Runs pnpm: the one that runs this script, if one does. */
export function pnpm(folder: string, ...parameters: string[]): void {
  const own = process.env["npm_execpath"];
  const [program, before] = own?.includes("pnpm") ? [process.execPath, [own]] : ["pnpm", []];
  runProgram(program, [...before, ...parameters], folder);
}

/** @throws Error with what the program wrote, when it fails. */
export function runProgram(program: string, parameters: readonly string[], folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { cwd: folder, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${program} ${parameters.join(" ")}: ${error?.message ?? `${stdout}\n${stderr}`.trim()}`);
}

/** Packs packages of `packages/` into tarballs under `target`; pnpm puts versions where `workspace:` stood. */
export function packPackages(root: string, names: readonly string[], target: string): Tarball[] {
  return names.map((name) => {
    const folder = join(target, name);
    mkdirSync(folder, { recursive: true });
    pnpm(join(root, "packages", name), "pack", "--pack-destination", folder);
    const [file, ...others] = readdirSync(folder);
    if (file === undefined || others.length > 0)
      throw new Error(`pnpm pack ${name} left ${1 + others.length} files`);
    return { name: `@oddflow/${name}`, file: join(folder, file) };
  });
}
