import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../programs/run-program.ts";

/** A package as it would be published. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** What programs import: "." and "./node" and the like. None where it has commands alone. */
  readonly entries: readonly string[];
}

/** Runs pnpm: the one that runs this script, if one does. */
export function pnpm(folder: string, ...parameters: string[]): void {
  const own = process.env["npm_execpath"];
  const [program, before] = own?.includes("pnpm") ? [process.execPath, [own]] : ["pnpm", []];
  runProgram(program, [...before, ...parameters], folder);
}

/** Packs every package of `packages/` into a tarball under `target`; pnpm puts versions where `workspace:` stood. */
export function packPackages(root: string, target: string): Tarball[] {
  return readdirSync(join(root, "packages")).map((name) => {
    const folder = join(target, name);
    mkdirSync(folder, { recursive: true });
    const source = join(root, "packages", name);
    pnpm(source, "pack", "--pack-destination", folder);
    const [file, ...others] = readdirSync(folder);
    if (file === undefined || others.length > 0)
      throw new Error(`pnpm pack ${name} left ${1 + others.length} files`);
    const manifest: { name: string; version: string; exports?: object } = JSON.parse(
      readFileSync(join(source, "package.json"), "utf8"),
    );
    // The manifest and WebAssembly may be asked for by name; Node imports neither.
    const entries = Object.keys(manifest.exports ?? {}).filter((entry) => !/\.(json|wasm)$/.test(entry));
    return { name: manifest.name, version: manifest.version, file: join(folder, file), entries };
  });
}

/** What stands in for onnxruntime-web; its version is that of both runtimes. */
export function webRuntime(tarballs: readonly Tarball[]): Tarball {
  const found = tarballs.find(({ name }) => name === "@oddflow/onnxruntime-web");
  if (found === undefined) throw new Error("@oddflow/onnxruntime-web is not packed");
  return found;
}
