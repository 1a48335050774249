import { basename, join } from "node:path";
import { fetchFromWheel } from "../wheels/fetch-wheel.ts";
import { type Program, runStep } from "../wheels/run-step.ts";
import { HEADERS, LIBRARIES, NOTICES, WHEEL } from "./pinned.ts";

const STRIP: Program = { command: "strip", ifMissing: "install binutils, which comes with g++" };

/** Fetches libtensorflow into `folder`: the libraries and their notices in `folder`, the C headers in `folder/include`. */
export async function fetchLibtensorflow(folder: string): Promise<void> {
  const moves = [
    ...LIBRARIES.map((name) => [`tensorflow/${name}`, name] as const),
    ...HEADERS.map((name) => [`tensorflow/include/${name}`, `include/${name}`] as const),
    ...NOTICES.map((name) => [name, basename(name)] as const),
  ];
  await fetchFromWheel("libtensorflow", WHEEL, moves, folder);
  // The symbol tables are a third of the files, and loading needs only the dynamic ones.
  runStep("strip", STRIP, ["--strip-unneeded", ...LIBRARIES.map((name) => join(folder, name))]);
}
