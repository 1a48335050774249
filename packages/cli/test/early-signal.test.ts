import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { FLOWS, MODEL, ROOT, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const model = readFileSync(MODEL);
const log = join(folder, "conn.log");
writeFileSync(log, "");

/** Opens a pipe of the system for writing as soon as somebody reads it. */
async function openWhenRead(pipe: string, isOver: () => boolean): Promise<FileHandle | undefined> {
  while (!isOver()) {
    const probe = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
    if (probe === undefined) await sleep(5);
    // One that waits until what is written has been taken.
    else return open(pipe, "w").finally(() => probe.close());
  }
  return undefined;
}

/** Where the model comes from decides when a command goes on: it waits for it, hears that it is to end, and then gets it. */
async function endWhileStarting(name: string, args: readonly string[]) {
  const own = join(folder, name);
  await mkdir(own);
  const pipe = join(own, "model");
  execFileSync("mkfifo", [pipe]);
  const given = args.map((arg) => arg.replace("MODEL", pipe).replace("OUT", own));
  const child = spawn(process.execPath, [join(ROOT, "packages/cli/bin/oddflow.js"), ...given], {
    stdio: "pipe",
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.resume();
  const closed = once(child, "close");
  const handle = await openWhenRead(pipe, () => child.exitCode !== null);
  child.kill("SIGTERM");
  await sleep(50);
  // A command that has ended takes none.
  await handle?.writeFile(model).catch(() => undefined);
  await handle?.close();
  const [status, signal] = await closed;
  return { status, signal, stderr, left: readdirSync(own).filter((file) => file !== "model") };
}

test.runIf(process.platform === "linux").each<[string, string[], status: number, said: RegExp]>([
  [
    "score",
    ["score", FLOWS, FLOWS, FLOWS, "-m", "MODEL", "-o", "OUT/scored.parquet", "--threads", "2"],
    130,
    /nothing was written/,
  ],
  ["pipe", ["score", "-", "-m", "MODEL"], 130, /^flows +0 in/m],
  ["follow", ["score", "--follow", log, "-m", "MODEL"], 0, /^flows +0 in/m],
  ["serve", ["serve", "MODEL", "--port", "0", "--threads", "2"], 0, /ended before it listened/],
  ["evaluate", ["evaluate", FLOWS, "-m", "MODEL"], 130, /nothing was written/],
  ["drift", ["drift", "MODEL", FLOWS], 130, /nothing was written/],
  ["recalibrate", ["recalibrate", "MODEL", FLOWS, "-o", "OUT/model.onnx"], 130, /nothing was written/],
])("%s, told to end while it starts, ends as it does later", async (name, args, status, said) => {
  expect(await endWhileStarting(name, args)).toEqual({
    status,
    signal: null,
    stderr: expect.stringMatching(said),
    left: [],
  });
});
