import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openTable } from "@oddflow/tables";
import { afterAll } from "vitest";

export const ROOT: string = fileURLToPath(new URL("../../..", import.meta.url));
export const FLOWS: string = join(ROOT, "fixtures/flows.parquet");
export const MODEL: string = join(ROOT, "fixtures/unsw-nb15.onnx");

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  /** Variables over those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

const PROGRAMS = { oddflow: "oddflow.js", "score-batch": "score-batch.cjs" };

/** Runs a built command as a user does, in a process of its own. */
export function run(
  command: keyof typeof PROGRAMS,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [join(ROOT, "packages/cli/bin", PROGRAMS[command]), ...args], {
    cwd: options.cwd ?? ROOT,
    ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => {
    // The command may end before it has read its input; its exit status says why.
  });
  child.stdin.end(options.input ?? "");
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}

/** A folder of this test file's own, removed after its tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "oddflow-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function readNdjson(path: string): Record<string, unknown>[] {
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Number columns of a table, whole. */
export async function readNumbers(
  path: string,
  names: readonly string[],
): Promise<Map<string, Float32Array>> {
  const table = await openTable(path);
  const columns = names.map(() => new Float32Array(table.rows));
  let first = 0;
  for await (const batch of table.scan(names.map((name) => ({ kind: "number", name })))) {
    for (const [k, values] of batch.columns.entries()) columns[k]?.set(values, first);
    first += batch.rows;
  }
  table.close();
  return new Map(names.map((name, k) => [name, columns[k] ?? new Float32Array()]));
}
