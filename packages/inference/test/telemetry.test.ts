import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

// Telemetry that is on leaves a queue in the user's cache folder and a log in that for temporary files before it sends
// anything, so the tests look there. `pnpm check:privacy` looks at the network, and at what a user's own "0" does.

const inference = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "oddflow-telemetry-"));
afterAll(() => rmSync(folder, { recursive: true }));

const OPEN = `
  const { createScorer } = await import("@oddflow/inference/node");
  try {
    await (await createScorer("../../fixtures/unsw-nb15.onnx", { provider: "cpu", threads: 1 })).close();
    console.log("opened");
  } catch (error) {
    console.log(error.code, error.message);
  }`;

/** Runs code in a worker thread of a main thread that knows nothing of Oddflow. */
const inWorker = (code: string, options: object = {}, meanwhile: string = ""): string => `
  const { Worker } = await import("node:worker_threads");
  const code = ${JSON.stringify(`(async () => {${code}})()`)};
  const worker = new Worker(code, { eval: true, ...${JSON.stringify(options)} });
  ${meanwhile}`;

const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";
/** Leave for all but the inspector, by which a worker reaches the main thread. */
const NO_INSPECTOR = [permission, "--allow-fs-read=*", "--allow-worker", "--allow-addons", "--no-warnings"];

interface Outcome {
  readonly output: string;
  /** What lies in the home folder and in that for temporary files afterwards. */
  readonly files: readonly string[];
}

const OPENED: Outcome = { output: "opened", files: ["home", "tmp"] };

/** Runs a module in packages/inference, in a Node with nothing but an empty home and `variables` in its environment. */
async function run(
  name: string,
  code: string,
  { flags = [], variables = {} }: { readonly flags?: readonly string[]; readonly variables?: object } = {},
): Promise<Outcome> {
  const place = join(folder, name);
  const [home, temporary] = [join(place, "home"), join(place, "tmp")];
  for (const path of [home, temporary]) mkdirSync(path, { recursive: true });
  const output = await new Promise<string>((resolve, reject) => {
    const parameters = [...flags, "--input-type=module", "--eval", code];
    const env = { HOME: home, TMPDIR: temporary, ...variables };
    execFile(process.execPath, parameters, { cwd: inference, env }, (error, stdout) =>
      error === null ? resolve(stdout.trim()) : reject(error),
    );
  });
  return { output, files: readdirSync(place, { recursive: true }).map(String).sort() };
}

test("a scorer opens with telemetry off: in the main thread and in a worker, whatever either has set", async () => {
  const wrongThread = `process.env.ORT_DISABLE_TELEMETRY = "1"; ${OPEN}`;
  const busy = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);";
  const outcomes = [
    await run("main thread", OPEN),
    await run("worker", inWorker(OPEN)),
    await run("worker that set its own copy", inWorker(wrongThread)),
    await run("worker with an environment of its own", inWorker(OPEN, { env: { A: "1" } })),
    await run("worker of a main thread that waits", inWorker(OPEN, {}, busy)),
  ];
  expect(outcomes).toEqual(outcomes.map(() => OPENED));
});

test("a worker that cannot reach the main thread refuses, unless the main thread had switched telemetry off", async () => {
  const flags = NO_INSPECTOR;
  const refused = await run("no way to the main thread", inWorker(OPEN), { flags });
  expect(refused.files).toEqual(OPENED.files);
  expect(refused.output).toMatch(
    /^TELEMETRY_ON open session: .*set process\.env\.ORT_DISABLE_TELEMETRY = "1" in the main thread before/,
  );
  const setBefore = `process.env.ORT_DISABLE_TELEMETRY = "1"; ${inWorker(OPEN)}`;
  expect(await run("set by the main thread before", setBefore, { flags })).toEqual(OPENED);
});

test("describeProviders' own processes have telemetry off", async () => {
  const code = `
    const { describeProviders } = await import("@oddflow/inference/node");
    const [cpu] = await describeProviders();
    console.log(cpu.available ? "opened" : cpu.reason);`;
  expect(await run("providers", code)).toEqual(OPENED);
});
