import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { parse } from "node:path";
import { fileURLToPath } from "node:url";

/** `pnpm demo`: trains on the fixture, evaluates, scores, and shows the oddest flows, by the commands that a user has. */
const root = fileURLToPath(new URL("../..", import.meta.url));
mkdirSync(`${root}out`, { recursive: true });
run("oddflow.js", ["train", "fixtures/flows.parquet", "--out", "out/model.onnx"]);
run("score-batch.cjs", [
  "fixtures/flows.parquet",
  ...["--model", "out/model.onnx", "--out", "out/scored.parquet", "--top", "3", "--oddest", "10"],
]);

function run(program: string, args: readonly string[]): void {
  process.stdout.write(`\n$ ${parse(program).name} ${args.join(" ")}\n\n`);
  const { status } = spawnSync(process.execPath, [`packages/cli/bin/${program}`, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
