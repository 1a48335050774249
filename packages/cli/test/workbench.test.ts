import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { ROOT, run } from "./run-cli.ts";

const isBuilt = existsSync(join(ROOT, "packages/workbench/dist/page/index.html"));

test(`oddflow workbench, where the page is ${isBuilt ? "built: serves it until it is interrupted" : "not built: says how to build it"}`, async () => {
  if (!isBuilt) {
    const { status, stderr } = await run("oddflow", ["workbench", "--port", "0"]);
    expect(status).toBe(2);
    expect(stderr).toBe("oddflow: workbench: the page is not built yet; build it with `npx pnpm@10 build`\n");
    return;
  }
  const program = join(ROOT, "packages/cli/bin/oddflow.js");
  const child = spawn(process.execPath, [program, "workbench", "--port", "0"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+\//.exec(line) ?? [];
  expect(await (await fetch(url)).text()).toContain("<title>Oddflow workbench</title>");
  child.kill("SIGINT");
  const [status] = await once(child, "close");
  expect(status).toBe(0);
});

test("bad options are told in one line", async () => {
  const wrongPort = await run("oddflow", ["workbench", "--port", "99999"]);
  expect(wrongPort.status).toBe(2);
  expect(wrongPort.stderr).toBe("oddflow: --port is 99999; expected a whole number from 0 to 65535\n");
  const noModel = await run("oddflow", ["workbench", "--port", "0", "--model", join(ROOT, "package.json")]);
  expect(noModel.status).toBe(3);
  expect(noModel.stderr).toMatch(/^oddflow: read model: .*package\.json: .*expected an ONNX file.*\n$/);
});
