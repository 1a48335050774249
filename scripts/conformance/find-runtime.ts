import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

/** A runtime's program, or why there is none. */
export type Found =
  | { readonly program: string; readonly version: string }
  | { readonly program?: undefined; readonly reason: string };

/**
 * The binary in the package that npm's `bun`, `deno` or `workerd` pulls in for this platform. Asked for by name, since
 * the install scripts that put it in its usual place do not run here.
 */
export function findInPackage(name: "bun" | "deno" | "workerd"): Found {
  const { platform, arch } = process;
  const libc = platform === "linux" ? "-glibc" : "";
  const binary = {
    bun: `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}/bin/bun`,
    deno: `@deno/${platform}-${arch}${libc}/deno`,
    workerd: `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}/bin/workerd`,
  }[name];
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return checkVersion(createRequire(manifest).resolve(binary));
  } catch {
    return { reason: `npm has installed no ${binary}` };
  }
}

/** The first program that is there. */
export function findOnDisk(paths: readonly (string | undefined)[]): Found {
  const program = paths.find((path) => path !== undefined && existsSync(path));
  return program === undefined
    ? { reason: `there is no ${paths.filter((path) => path !== undefined).join(", no ")}` }
    : checkVersion(program);
}

function checkVersion(program: string): Found {
  const { stdout, error } = spawnSync(program, ["--version"], { encoding: "utf8", timeout: 30_000 });
  const version = /\d[\w.-]*/.exec(stdout ?? "")?.[0];
  if (version === undefined)
    return { reason: `${program} does not start: ${error?.message ?? "no version"}` };
  return { program, version };
}
