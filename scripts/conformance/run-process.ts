import { spawn } from "node:child_process";
import type { Measured } from "./measure-scorer.ts";

/** What a run in a runtime gave, with how long it took to its first score. */
export interface Run extends Omit<Measured, "firstScoreAt"> {
  readonly coldStartMs: number;
}

/** Runs a program that prints what it measured on its last line. The cold start counts from the program's start. */
export async function runProcess(program: string, parameters: readonly string[]): Promise<Run> {
  const began = Date.now();
  const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`exit code ${code}: ${err.trim().split("\n").slice(-3).join(" ")}`);
  const { firstScoreAt, ...measured } = JSON.parse(out.trim().split("\n").at(-1) ?? "") as Measured;
  return { ...measured, coldStartMs: firstScoreAt - began };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
