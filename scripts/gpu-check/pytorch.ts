import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { firstLine, type Timing } from "./sizes.ts";
import { TRAINED_FEATURES } from "./training.ts";

/** PyTorch on the same GPU, eager, the same shapes and batches; or why not. */
export type PytorchPeer =
  | { readonly skipped: string }
  | {
      readonly torch: string;
      readonly device: string;
      readonly scoring: readonly Timing[];
      readonly training: readonly Timing[];
    };

/** Sources stay where they are: the compiled script lies in scripts/dist/gpu-check. */
const SCRIPT = fileURLToPath(new URL("../../gpu-check/pytorch_peer.py", import.meta.url));

/** `ODDFLOW_PYTHON`, or else python3, is asked. */
export function runPytorch(): PytorchPeer {
  const python = process.env["ODDFLOW_PYTHON"] ?? "python3";
  const run = spawnSync(python, [SCRIPT, String(TRAINED_FEATURES)], {
    encoding: "utf8",
    maxBuffer: 2 ** 24,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (run.error) return { skipped: `${python} cannot be run: ${run.error.message}` };
  try {
    return JSON.parse(run.stdout.trim().split("\n").at(-1) ?? "");
  } catch {
    const lastLine = run.stderr.trim().split("\n").at(-1) ?? "";
    return { skipped: `${python} ended with ${run.status ?? run.signal}: ${firstLine(lastLine)}` };
  }
}
