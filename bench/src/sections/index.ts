import type { Recorder } from "../recorder.ts";
import { contextSection } from "./context.ts";
import { encodeSection, metricsSection } from "./in-process.ts";
import { modelSection } from "./model.ts";
import { scoringSection } from "./scoring/scoring.ts";
import { sensorReadingSection } from "./sensor-reading.ts";
import { serviceSection } from "./service/service.ts";
import { startSection } from "./start.ts";
import { trainingSection } from "./training.ts";

/** Every section by the name that `--only` takes, in the order in which they run. */
export const SECTIONS: ReadonlyMap<string, (recorder: Recorder) => Promise<void>> = new Map([
  ["encode", encodeSection],
  ["sensors", sensorReadingSection],
  ["context", contextSection],
  ["metrics", metricsSection],
  ["model", modelSection],
  ["start", startSection],
  ["scoring", scoringSection],
  ["service", serviceSection],
  ["training", trainingSection],
]);
