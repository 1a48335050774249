import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PythonPackages } from "../programs/python-packages.ts";

/** moto answers as S3 does, signatures included. */
export const MOTO: readonly string[] = ["moto[server]==5.2.5"];

/** A bucket on loopback. */
export interface Bucket {
  /** The environment with which its one key reads it at s3://, and at gs://. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

/**
 * Serves a folder as a bucket.
 * @param sources the folder of serve_bucket.py
 * @throws Error where it does not start
 */
export async function startBucket(
  python: PythonPackages,
  sources: string,
  folder: string,
  name: string,
): Promise<Bucket> {
  const program = join(sources, "serve_bucket.py");
  const child = spawn(python.program("python"), [program, folder, name], {
    stdio: ["pipe", "pipe", "ignore"],
    // Keys of the user's own have no business here.
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
  });
  const { port, id, secret } = await firstLine(child);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: secret,
      STORAGE_EMULATOR_HOST: endpoint,
      GS_ACCESS_KEY_ID: id,
      GS_SECRET_ACCESS_KEY: secret,
    },
    close: () => child.stdin?.end(),
  };
}

async function firstLine(child: ChildProcess): Promise<{ port: number; id: string; secret: string }> {
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  }
  throw new Error("serve_bucket.py ended before it served");
}
