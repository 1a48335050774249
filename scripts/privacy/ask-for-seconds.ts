/**
 * Runs a command that listens, asks it now and then, and ends it as Ctrl-C does:
 * `ask-for-seconds.js SECONDS PATH COMMAND...`, where PATH is /score, to which flows are posted, or a page's.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { pause, post } from "../service/ask.ts";

const FLOWS = '{"protocol":"tcp","dur":0.5}\n'.repeat(100);

const [seconds = "0", path = "", ...command] = process.argv.slice(2);
const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
for await (const line of createInterface(child.stdout)) {
  const url = /(http:\S+?)\/?(?: |$)/.exec(line)?.[1];
  if (url === undefined) continue;
  const end = Date.now() + Number(seconds) * 1000;
  do {
    const { status } = path === "/score" ? await post(url, FLOWS) : await fetch(url + path);
    if (status !== 200) throw new Error(`${path} is ${status}`);
    await pause(500);
  } while (Date.now() < end);
  break;
}
child.kill("SIGINT");
const [code] = await once(child, "exit");
process.exitCode = code;
