import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { HEADERS, LIBRARIES, NOTICES, WHEEL } from "./pinned.ts";
import { type Program, runStep, StepError } from "./run-step.ts";

const PYTHON: Program = { command: "python3", ifMissing: "install Python 3 with pip" };
const PIP: Program = { ...PYTHON, ifFails: "this step needs pip and a package index within reach" };
const STRIP: Program = { command: "strip", ifMissing: "install binutils, which comes with g++" };
const UNZIP = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])";

/**
 * Fetches libtensorflow into `folder`: the libraries and their notices in `folder`, the C headers in `folder/include`.
 * The wheel is fetched by pip from the index that the user has set, checked against the pinned hash, and deleted.
 */
export async function fetchLibtensorflow(folder: string): Promise<void> {
  const scratch = join(folder, "scratch");
  const wheel = downloadWheel(scratch);
  await checkHash(wheel);
  unpack(wheel, scratch, folder);
  rmSync(scratch, { recursive: true });
  // The symbol tables are a third of the files, and loading needs only the dynamic ones.
  runStep("strip", STRIP, ["--strip-unneeded", ...LIBRARIES.map((name) => join(folder, name))]);
}

function downloadWheel(scratch: string): string {
  mkdirSync(scratch, { recursive: true });
  runStep("download libtensorflow", PIP, [
    ...["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--implementation", "cp"],
    ...["--python-version", WHEEL.python, "--platform", WHEEL.platform, "--dest", scratch, WHEEL.requirement],
  ]);
  const wheel = readdirSync(scratch).find((name) => name.endsWith(".whl"));
  if (!wheel) throw new StepError("download libtensorflow", `pip left no wheel of ${WHEEL.requirement}`);
  return join(scratch, wheel);
}

async function checkHash(wheel: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(wheel), hash);
  const found = hash.digest("hex");
  if (found === WHEEL.sha256) return;
  throw new StepError(
    "check libtensorflow",
    `${basename(wheel)} has SHA-256 ${found}, expected ${WHEEL.sha256}: the package index served another file`,
  );
}

function unpack(wheel: string, scratch: string, folder: string): void {
  const moves = [
    ...LIBRARIES.map((name) => [`tensorflow/${name}`, name] as const),
    ...HEADERS.map((name) => [`tensorflow/include/${name}`, `include/${name}`] as const),
    ...NOTICES.map((name) => [name, basename(name)] as const),
  ];
  runStep("unpack libtensorflow", PYTHON, ["-c", UNZIP, wheel, scratch, ...moves.map(([member]) => member)]);
  for (const [member, target] of moves) {
    mkdirSync(dirname(join(folder, target)), { recursive: true });
    renameSync(join(scratch, member), join(folder, target));
  }
}
