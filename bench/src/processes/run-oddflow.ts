import { spawnSync } from "node:child_process";
import { OWN_COMMAND } from "../inputs.ts";

/** Runs `oddflow`, not timed. @throws Error with what it wrote to standard error when it fails */
export function runOddflow(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [OWN_COMMAND, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`oddflow ${args.join(" ")} ended with ${status}: ${stderr}`);
}
