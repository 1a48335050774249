import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makePortable } from "@oddflow/detector";
import { encodeModel } from "@oddflow/onnx";
import {
  createOnnxEngine,
  DEFAULT_OPTIMISER,
  DETECTOR_NETWORK,
  networkShape,
  trainDetector,
  trainingModel,
} from "@oddflow/trainer";
import { expect, test } from "vitest";
import { makeDataset } from "./flow-records.ts";

/** A Python with the onnx package; .ci/run makes one. */
const python = process.env["ODDFLOW_PYTHON"] ?? "python3";
const hasOnnx = spawnSync(python, ["-c", "import onnx"]).status === 0;
if (!hasOnnx) console.warn(`onnx checker: SKIPPED, because ${python} has no onnx package (pip install onnx)`);

test.skipIf(!hasOnnx)(
  "ONNX's checker and strict shape inference accept every graph that the project writes",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "oddflow-onnx-"));
    try {
      const models = new Map<string, Uint8Array>();
      for (const encoding of ["label", "one-hot"] as const) {
        for (const transform of ["identity", "signed-log1p"] as const) {
          const { model } = await trainDetector(makeDataset(900), createOnnxEngine({ threads: 1 }), {
            flows: { protocol: "held-out", attacksInTraining: 0 },
            detector: {
              name: encoding === "label" ? "reference" : "robust",
              clean: "auto",
              preprocessing: { transform, encoding, ...(encoding === "label" ? {} : { featureLimit: 5 }) },
              network: { hidden: [8], latent: 2, dropout: [0.1] },
              schedule: { epochs: 1 },
            },
            run: { seed: 1 },
          });
          models.set(`detector-${encoding}-${transform}.onnx`, model);
          for (const rank of [1, 2] as const) {
            const options = {
              inputs: "columns",
              budget: 0.01,
              columnErrors: true,
              identifiers: false,
            } as const;
            const { bytes } = makePortable(model, { ...options, rank });
            models.set(`portable-${encoding}-${transform}-${rank}.onnx`, bytes);
          }
        }
      }
      const shape = networkShape(33, DETECTOR_NETWORK.reference);
      const plain = networkShape(5, { ...DETECTOR_NETWORK.reference, dropout: [0, 0, 0] });
      const noDecay = { ...DEFAULT_OPTIMISER, weightDecay: 0 };
      for (const hardware of ["cpu", "gpu"] as const) {
        const training = trainingModel(shape, DEFAULT_OPTIMISER, hardware);
        models.set(`training-${hardware}.onnx`, encodeModel(training));
        models.set(`training-plain-${hardware}.onnx`, encodeModel(trainingModel(plain, noDecay, hardware)));
      }
      const paths = [...models].map(([name, bytes]) => {
        writeFileSync(join(folder, name), bytes);
        return join(folder, name);
      });
      const script = fileURLToPath(new URL("../../../scripts/check_onnx.py", import.meta.url));
      const printed = execFileSync(python, [script, ...paths], { encoding: "utf8" });
      expect(printed.trim().split("\n")).toHaveLength(models.size);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
