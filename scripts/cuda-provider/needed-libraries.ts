import { PYTHON } from "../wheels/fetch-wheel.ts";
import { runStep } from "../wheels/run-step.ts";
import { NEEDED } from "./pinned.ts";

/** What the CUDA provider needs of this machine. */
export interface NeededLibraries {
  /** Libraries that are found nowhere. */
  readonly missing: readonly string[];
  /** Folders of Python's nvidia packages that must be on LD_LIBRARY_PATH before Node starts. */
  readonly folders: readonly string[];
}

/** Asks the dynamic linker first and Python's nvidia packages (nvidia/cu13/lib, nvidia/cudnn/lib) for the rest. */
const FIND = `
import ctypes, glob, importlib.util, json, os, sys
spec = importlib.util.find_spec("nvidia")
roots = list(spec.submodule_search_locations or []) if spec else []
missing, folders = [], []
for library in sys.argv[1:]:
    try:
        ctypes.CDLL(library)
    except OSError:
        found = sorted(place for root in roots for place in glob.glob(os.path.join(root, "*", "lib", library)))
        if not found:
            missing.append(library)
        elif os.path.dirname(found[0]) not in folders:
            folders.append(os.path.dirname(found[0]))
print(json.dumps({"missing": missing, "folders": folders}))
`;

export function findNeededLibraries(): NeededLibraries {
  const libraries = NEEDED.map(({ library }) => library);
  return JSON.parse(runStep("look for CUDA", PYTHON, ["-c", FIND, ...libraries]));
}

/** What is left to do before the provider can be had, a line each. */
export function describeNeeds({ missing, folders }: NeededLibraries): string[] {
  const lost = NEEDED.filter(({ library }) => missing.includes(library));
  const wheels = [...new Set(lost.flatMap(({ wheel }) => wheel ?? []))];
  const lines: string[] = [];
  if (missing.includes("libcuda.so.1"))
    lines.push("missing: libcuda.so.1, which the NVIDIA driver brings (580 or later, for CUDA 13)");
  if (wheels.length > 0) {
    const names = lost.filter(({ wheel }) => wheel !== undefined).map(({ library }) => library);
    lines.push(`missing: ${names.join(", ")}`);
    lines.push(`  install CUDA 13 and cuDNN 9, or: python3 -m pip install ${wheels.map(quote).join(" ")}`);
    lines.push("  then run this again, which says where they are");
  }
  if (folders.length > 0)
    lines.push(
      `before Node starts: export LD_LIBRARY_PATH=${folders.join(":")}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`,
    );
  return lines;
}

function quote(requirement: string): string {
  return `"${requirement}"`;
}
