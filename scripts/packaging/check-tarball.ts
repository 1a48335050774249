import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { runProgram } from "../programs/run-program.ts";
import type { Tarball } from "./pack.ts";

/** What publint says of a tarball, suggestions too. */
export async function lintTarball({ file }: Tarball): Promise<string[]> {
  const bytes = readFileSync(file);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** @throws Error with are-the-types-wrong's report, when an entry's types cannot be had by ES modules or a bundler. */
export function checkTypes({ file, entries }: Tarball): void {
  if (entries.length === 0) return;
  const manifest = createRequire(import.meta.url).resolve("@arethetypeswrong/cli/package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: { attw: string } };
  const program = join(dirname(manifest), bin.attw);
  runProgram(
    process.execPath,
    [program, file, "--profile", "esm-only", "--no-color", "--no-emoji", "--entrypoints", ...entries],
    dirname(file),
  );
}
