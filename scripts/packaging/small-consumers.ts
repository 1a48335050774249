import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../programs/run-program.ts";
import { type Tarball, webRuntime } from "./pack.ts";

const MB = 1e6;

/** Who installs `@oddflow/inference` with one runtime, and what that may take. */
export interface SmallConsumer {
  readonly name: string;
  /** The runtime by the name that it is imported by, and what is installed for it. */
  readonly runtime: readonly [name: string, specifier: string];
  readonly otherRuntime: string;
  readonly entry: "node" | "web";
  /** A shell command that is run after the installation. */
  readonly afterwards?: string;
  /** Of the whole folder node_modules, in bytes. */
  readonly ceiling: number;
}

/** The two of the package's README, with its own command for the native one. */
export function smallConsumers(root: string, tarballs: readonly Tarball[]): SmallConsumer[] {
  const readme = readFileSync(join(root, "packages/inference/README.md"), "utf8");
  const [command] = /^\(cd node_modules\/onnxruntime-node\/.*\)$/m.exec(readme) ?? [];
  if (command === undefined)
    throw new Error("the README of inference has no command that leaves one platform's library");
  const web = webRuntime(tarballs);
  return [
    {
      name: "a web consumer",
      runtime: ["onnxruntime-web", `file:${web.file}`],
      otherRuntime: "onnxruntime-node",
      entry: "web",
      ceiling: 60 * MB,
    },
    {
      name: "a native consumer of one platform",
      runtime: ["onnxruntime-node", web.version],
      otherRuntime: "onnxruntime-web",
      entry: "node",
      afterwards: command,
      // The largest are macOS's 89 MB, one library under two names.
      ceiling: 100 * MB,
    },
  ];
}

/**
 * Installs with npm into an empty project, in which the compiler then reads the declarations of every entry and a model scores.
 * @returns bytes of node_modules, before and after the consumer's own command
 * @throws Error with what is wrong
 */
export function checkSmallConsumer(
  consumer: SmallConsumer,
  {
    root,
    folder,
    model,
    tarballs,
  }: { root: string; folder: string; model: string; tarballs: readonly Tarball[] },
): { readonly installed: number; readonly left: number } {
  const local = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  const [runtime, specifier] = consumer.runtime;
  const dependencies = { "@oddflow/inference": local["@oddflow/inference"], [runtime]: specifier };
  // Nothing of ours is in a registry.
  const manifest = { private: true, type: "module", dependencies, overrides: { ...local, ...dependencies } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const settings = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock"];
  runProgram("npm", ["install", ...settings], folder);
  const modules = join(folder, "node_modules");
  if (readdirSync(modules).includes(consumer.otherRuntime)) {
    throw new Error(`${consumer.otherRuntime} is installed as well`);
  }
  const installed = bytesOf(modules);
  if (consumer.afterwards !== undefined) runProgram("sh", ["-c", consumer.afterwards], folder);
  const left = bytesOf(modules);
  if (left > consumer.ceiling)
    throw new Error(`node_modules has ${left} bytes, more than ${consumer.ceiling}`);
  compile(root, folder, consumer.entry);
  score(folder, model, consumer.entry);
  return { installed, left };
}

/** Declarations of libraries are checked, too: none may name what is not installed. */
function compile(root: string, folder: string, entry: "node" | "web"): void {
  const entries = ["", "/node", "/web", "/webgpu"].map(
    (name) => `export * as of${name.slice(1)} from "@oddflow/inference${name}";`,
  );
  writeFileSync(
    join(folder, "consumer.ts"),
    `import { createScorer } from "@oddflow/inference/${entry}";\n${entries.join("\n")}\n` +
      "export const score = async (model: Uint8Array): Promise<Float32Array> =>\n" +
      "  (await (await createScorer(model)).score([])).scores;\n",
  );
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--types", ""];
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  runProgram(process.execPath, [compiler, ...options, "--skipLibCheck", "false", "consumer.ts"], folder);
}

function score(folder: string, model: string, entry: "node" | "web"): void {
  const program = `
    import { readFileSync } from "node:fs";
    import { createScorer } from "@oddflow/inference/${entry}";
    const scorer = await createScorer(readFileSync(process.argv[1]));
    const { scores } = await scorer.score([{}]);
    if (!Number.isFinite(scores[0])) throw new Error("no score: " + scores);`;
  runProgram(process.execPath, ["--input-type=module", "--eval", program, "--", model], folder);
}

function bytesOf(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
