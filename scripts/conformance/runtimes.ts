import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundlePage, bundleWorker, findWasm, type ShippedSize, shippedSize } from "./bundle.ts";
import { type Found, findInPackage, findOnDisk } from "./find-runtime.ts";
import { type Browser, runBrowser } from "./run-browser.ts";
import { type Run, runProcess } from "./run-process.ts";
import { runWorkerd } from "./run-workerd.ts";

/** A runtime that must give the scores of onnxruntime-node. */
export interface Runtime {
  readonly name: string;
  find(): Found;
  run(program: string): Promise<{ readonly run: Run; readonly shipped: ShippedSize }>;
}

/** What a run works with. */
export interface Workplace {
  /** The model file. */
  readonly model: string;
  /** The flows, as a JSON file. */
  readonly flows: string;
  /** A folder for what is built. */
  readonly folder: string;
  /** Where in-process.js, page.js and worker.js lie, which import the package as their neighbours would. */
  readonly programs: string;
}

/** Builds a bundle, once, and says in which folder it is. */
type Bundle = () => Promise<string>;

/** SwiftShader, a GPU in software that Chromium brings along. */
const SOFTWARE_GPU = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
];

/** All of them, in the order of the table. Bundles are built when the first runtime asks for one. */
export function listRuntimes({ model, flows, folder, programs }: Workplace): Runtime[] {
  const node: Found = { program: process.execPath, version: process.versions.node };
  const inProcess = join(programs, "in-process.js");
  const bundled = (name: string, bundle: (script: string, into: string) => Promise<void>): Bundle => {
    const into = join(folder, name);
    let built: Promise<void> | undefined;
    return async () => {
      built ??= bundle(join(programs, `${name}.js`), into);
      await built;
      return into;
    };
  };
  const worker = bundled("worker", bundleWorker);
  const page = bundled("page", bundlePage);
  const gpuPage = bundled("page-webgpu", bundlePage);
  // Node, Bun and Deno run the package as it is; this is what it comes to in one file.
  const serviceSize = async (): Promise<ShippedSize> =>
    shippedSize([join(await worker(), "worker.js"), findWasm(programs)]);
  const server = (name: string, find: () => Found, before: readonly string[]): Runtime => ({
    name,
    find,
    run: async (program) => ({
      run: await runProcess(program, [...before, inProcess, "web", model, flows]),
      shipped: await serviceSize(),
    }),
  });
  const browser = (
    name: string,
    kind: Browser["kind"],
    find: () => Found,
    { page, threads = 1, flags = [] }: { page: Bundle; threads?: number; flags?: readonly string[] },
  ): Runtime => ({
    name,
    find,
    run: async (program) => {
      const built = await page();
      const files = { "model.onnx": model, "flows.json": flows };
      const run = await runBrowser({ kind, program, flags }, built, files, threads);
      return { run, shipped: shippedSize([built]) };
    },
  });
  const chromium = (): Found => findOnDisk([process.env["ODDFLOW_CHROMIUM"], "/usr/bin/chromium"]);
  const firefox = (): Found => findOnDisk([process.env["ODDFLOW_FIREFOX"], "/usr/bin/firefox-esr"]);
  return [
    {
      name: "Node, native",
      find: () => node,
      run: async (program) => ({
        run: await runProcess(program, [inProcess, "node", model, flows]),
        shipped: shippedSize([nativeFolder(programs)]),
      }),
    },
    server("Node, WASM", () => node, []),
    server("Bun", () => findInPackage("bun"), []),
    server("Deno", () => findInPackage("deno"), ["run", "--quiet", "--allow-all"]),
    {
      name: "workerd",
      find: () => findInPackage("workerd"),
      run: async (program) => {
        const files = { wasm: findWasm(programs), model, flows };
        return { run: await runWorkerd(program, await worker(), files), shipped: await serviceSize() };
      },
    },
    browser("Chromium", "chromium", chromium, { page }),
    browser("Chromium, 2 threads", "chromium", chromium, { page, threads: 2 }),
    browser("Chromium, WebGPU", "chromium", chromium, { page: gpuPage, flags: SOFTWARE_GPU }),
    browser("Firefox", "firefox", firefox, { page }),
  ];
}

/** onnxruntime-node's libraries for this platform; CUDA's, where somebody has put them there, are not in the way. */
function nativeFolder(programs: string): string {
  const entry = createRequire(join(programs, "in-process.js")).resolve("@oddflow/inference/node");
  const root = dirname(createRequire(entry).resolve("onnxruntime-node/package.json"));
  return join(root, "bin", "napi-v6", process.platform, process.arch);
}
