import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runProgram } from "../programs/run-program.ts";

const packages = fileURLToPath(new URL("../../packages/", import.meta.url));
const manifest: {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync(join(packages, "inference/package.json"), "utf8"));
const model = fileURLToPath(new URL("../../fixtures/unsw-nb15.onnx", import.meta.url));

/** Everything is imported first: no entry may need a runtime for that. */
const PROGRAM = `
  const [all, node, web, webgpu] = await Promise.all(
    ["", "/node", "/web", "/webgpu"].map((entry) => import("@oddflow/inference" + entry)));
  const { readFileSync } = await import("node:fs");
  const model = readFileSync(process.argv[1]);
  const said = (error) => ({ ours: error instanceof all.OddflowError, code: error.code, message: error.message });
  const [native, wasm, gpu] = await Promise.all([node, web, webgpu].map(({ createScorer }) =>
    createScorer(model).then(() => "it opened", said)));
  console.log(JSON.stringify({ native, wasm, gpu, providers: await node.describeProviders() }));`;

interface Told {
  readonly native: unknown;
  readonly wasm: unknown;
  readonly gpu: unknown;
  readonly providers: readonly { readonly available: boolean; readonly reason?: string }[];
}

let project: string;
let modules: string;

/** The built packages in a project of their own, with what they depend on and no runtime. */
beforeEach(() => {
  // pnpm's way to start programs shows them its whole store.
  vi.stubEnv("NODE_PATH", "");
  project = mkdtempSync(join(tmpdir(), "oddflow-runtimes-"));
  modules = join(project, "node_modules");
  for (const name of ["preprocessing", "onnx", "detector", "inference"]) {
    for (const part of ["package.json", "bundle"]) {
      cpSync(join(packages, name, part), join(modules, "@oddflow", name, part), { recursive: true });
    }
  }
  mkdirSync(join(modules, "@noble"));
  for (const [user, library] of [
    ["onnx", "@noble/hashes"],
    ["onnx", "pbf"],
    ["inference", "onnxruntime-common"],
  ] as const) {
    symlinkSync(join(packages, user, "node_modules", library), join(modules, library));
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(project, { recursive: true, force: true });
});

function run(): Told {
  const output = runProgram(
    process.execPath,
    ["--input-type=module", "--eval", PROGRAM, "--", model],
    project,
  );
  return JSON.parse(output) as Told;
}

function install(name: string, version: string, files: Readonly<Record<string, string>> = {}): void {
  mkdirSync(join(modules, name));
  const exports = name === "onnxruntime-web" ? { exports: { "./*": "./build.mjs" } } : {};
  writeFileSync(join(modules, name, "package.json"), JSON.stringify({ name, version, ...exports }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(modules, name, file), text);
}

function refusal(message: RegExp): unknown {
  return { ours: true, code: "RUNTIME_UNAVAILABLE", message: expect.stringMatching(message) };
}

const release = manifest.peerDependencies["onnxruntime-node"] ?? "";
const escaped = release.replaceAll(".", "\\.");

test("both runtimes are optional peers of one exact release, which is that of what both share", () => {
  expect(release).toMatch(/^\d+\.\d+\.\d+$/);
  expect(manifest.peerDependencies).toEqual({ "onnxruntime-node": release, "onnxruntime-web": release });
  expect(manifest.dependencies["onnxruntime-common"]).toBe(release);
  expect(manifest.devDependencies).toMatchObject(manifest.peerDependencies);
});

test("without a runtime every entry can be imported, and opening a model says in a line what to install", () => {
  const { native, wasm, gpu, providers } = run();
  const toInstall = (name: string): unknown =>
    refusal(new RegExp(`^load ${name}: .*, expected ${escaped}; run "npm install ${name}@${escaped}"$`));
  expect(native).toEqual(toInstall("onnxruntime-node"));
  expect(wasm).toEqual(toInstall("onnxruntime-web"));
  expect(gpu).toEqual(toInstall("onnxruntime-web"));
  expect(providers.map(({ available }) => available)).toEqual([false, false, false]);
  expect(providers[0]?.reason).toContain("npm install onnxruntime-node");
});

test("another release of a runtime is refused by name", () => {
  install("onnxruntime-node", "1.2.3");
  install("onnxruntime-web", "1.2.4", { "build.mjs": 'export const env = { versions: { web: "1.2.4" } };' });
  const { native, wasm, gpu } = run();
  expect(native).toEqual(refusal(/^load onnxruntime-node: 1\.2\.3 is installed, expected/));
  expect(wasm).toEqual(refusal(/^load onnxruntime-web: 1\.2\.4 is installed, expected/));
  expect(gpu).toEqual(wasm);
});

test("a runtime that has nothing for this platform is refused with the platform's name", () => {
  install("onnxruntime-node", release);
  const expected = `its library for ${process.platform} ${process.arch} cannot be loaded`;
  expect(run().native).toEqual(
    refusal(new RegExp(`${expected} \\(Cannot find module .*@oddflow/inference/web$`)),
  );
});
