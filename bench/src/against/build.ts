import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fromRoot } from "../inputs.ts";

/** A checkout whose commands are built. */
export interface Build {
  /** For people: "this build", or the commit or the folder that was named. */
  readonly name: string;
  readonly folder: string;
  /** The commit that it was made of; absent for a folder and for this build. */
  readonly commit?: string;
  /** Takes away what was made for it. */
  close(): void;
}

export const THIS_BUILD: Build = { name: "this build", folder: fromRoot("."), close: () => undefined };

/**
 * Builds a commit in a temporary folder, or takes a folder that holds a built checkout. Packages come from the package
 * manager's store where it has them.
 * @throws Error for what is neither, and for a commit that cannot be built
 */
export function openBuild(commitOrFolder: string): Build {
  const folder = resolve(commitOrFolder);
  if (existsSync(join(folder, "packages/cli/bin/oddflow.js"))) {
    return { name: commitOrFolder, folder, close: () => undefined };
  }
  return buildCommit(commitOrFolder);
}

function buildCommit(name: string): Build {
  const commit = commitOf(name);
  const folder = mkdtempSync(join(tmpdir(), "oddflow-against-"));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`building ${name} in ${folder}\n`);
  try {
    const archive = execFileSync("git", ["archive", "--format=tar", commit], {
      cwd: fromRoot("."),
      maxBuffer: 2 ** 30,
    });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    packageManager(folder, "install", "--frozen-lockfile", "--prefer-offline");
    packageManager(folder, "--silent", "compile");
    return { name, folder, commit, close };
  } catch (cause) {
    close();
    throw new Error(`bench --against ${name}: it cannot be built: ${outputOf(cause)}`, { cause });
  }
}

function commitOf(name: string): string {
  try {
    const found = execFileSync(
      "git",
      ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`],
      {
        cwd: fromRoot("."),
        encoding: "utf8",
      },
    );
    return found.trim();
  } catch (cause) {
    throw new Error(
      `bench --against ${name}: neither a commit of this repository nor the folder of a built one`,
      {
        cause,
      },
    );
  }
}

/** The pnpm that runs the bench; pnpm by npx where something else does. */
function packageManager(folder: string, ...args: readonly string[]): void {
  const running = process.env["npm_execpath"] ?? "";
  const [program = "", ...before] = /pnpm[^/\\]*\.c?js$/.test(running)
    ? [process.execPath, running]
    : ["npx", "--yes", "pnpm@10"];
  execFileSync(program, [...before, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
}

function outputOf(cause: unknown): string {
  const { stderr, stdout, message } = cause as { stderr?: Buffer; stdout?: Buffer; message: string };
  return [stdout?.toString(), stderr?.toString()].join("\n").trim().slice(-2000) || message;
}
