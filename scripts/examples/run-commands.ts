import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";

/** Longer than any example takes. */
const MOST_SECONDS = 120;

/**
 * Runs commands as a shell of the user's does, in a folder, with the programs of the examples' package and ODDFLOW_PYTHON.
 * @returns what was printed, standard output before standard error
 */
export async function runCommands(
  commands: string,
  folder: string,
  examples: string,
): Promise<{ readonly status: number | null; readonly printed: string }> {
  const child = spawn("bash", ["-euo", "pipefail", "-c", commands], {
    cwd: folder,
    env: { ...process.env, PATH: searchPath(examples) },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what it leaves running ends with it.
    detached: true,
  });
  const texts = ["", ""];
  for (const [i, output] of [child.stdout, child.stderr].entries()) {
    output.setEncoding("utf8").on("data", (text: string) => {
      texts[i] += text;
    });
  }
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is empty, as it should be.
    }
  };
  const timer = setTimeout(end, MOST_SECONDS * 1000);
  const closed = once(child, "close");
  const [status] = await once(child, "exit");
  clearTimeout(timer);
  end();
  await closed;
  return { status: status as number | null, printed: texts.join("\n") };
}

/** @returns why a program cannot be used; undefined where it can */
export function missingProgram(program: string, examples: string): string | undefined {
  const parameters =
    program === "python"
      ? ["-c", "import duckdb, numpy, onnxruntime, pandas, polars, pyarrow"]
      : ["--version"];
  const { status } = spawnSync(program, parameters, {
    env: { ...process.env, PATH: searchPath(examples) },
    stdio: "ignore",
  });
  if (status === 0) return undefined;
  return program === "python"
    ? "there is no Python with duckdb, numpy, onnxruntime, pandas, polars and pyarrow; ODDFLOW_PYTHON may name one"
    : `there is no ${program} that starts`;
}

function searchPath(examples: string): string {
  const python = process.env["ODDFLOW_PYTHON"];
  return [
    join(examples, "node_modules", ".bin"),
    ...(python === undefined ? [] : [dirname(python)]),
    process.env["PATH"] ?? "",
  ].join(delimiter);
}
