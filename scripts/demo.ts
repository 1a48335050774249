import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `pnpm demo`: trains on the fixture, evaluates, scores, and shows the oddest flows, by the commands that a user has. */
const root = fileURLToPath(new URL("../..", import.meta.url));
mkdirSync(`${root}out`, { recursive: true });
run("oddflow", ["train", "fixtures/flows.parquet", "--out", "out/model.onnx"]);
run("score-batch", [
  "fixtures/flows.parquet",
  ...["--model", "out/model.onnx", "--out", "out/scored.parquet", "--top", "3", "--oddest", "10"],
]);

function run(command: string, args: readonly string[]): void {
  process.stdout.write(`\n$ ${command} ${args.join(" ")}\n\n`);
  const { status } = spawnSync(process.execPath, [`packages/cli/bin/${command}.js`, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
