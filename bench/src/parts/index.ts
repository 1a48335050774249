import type { Recorder } from "../recorder.ts";
import { encodePart, metricsPart } from "./in-process.ts";
import { modelPart } from "./model.ts";
import { scoringPart } from "./scoring/scoring.ts";
import { sensorReadingPart } from "./sensor-reading.ts";
import { servicePart } from "./service/service.ts";
import { startPart } from "./start.ts";
import { trainingPart } from "./training.ts";

/** Every part by the name that `--only` takes, in the order in which they run. */
export const PARTS: ReadonlyMap<string, (recorder: Recorder) => Promise<void>> = new Map([
  ["encode", encodePart],
  ["sensors", sensorReadingPart],
  ["metrics", metricsPart],
  ["model", modelPart],
  ["start", startPart],
  ["scoring", scoringPart],
  ["service", servicePart],
  ["training", trainingPart],
]);
