import { trainModels } from "../data/models.ts";
import { flowsPerSecond } from "../measurement.ts";
import { startSuite } from "../processes/case-process.ts";
import type { Recorder } from "../recorder.ts";

/** Records to rows, rows to features. */
export async function encodeSection(recorder: Recorder): Promise<void> {
  const models = await trainModels();
  recorder.title("Encoding and preprocessing, one thread");
  await timeAll(recorder, "encode", "encode", models.byDefault);
}

/** What evaluation computes. */
export async function metricsSection(recorder: Recorder): Promise<void> {
  recorder.title("Metrics of 200,000 scored flows, one thread");
  await timeAll(recorder, "metrics", "metrics");
}

async function timeAll(recorder: Recorder, section: string, suite: string, ...args: string[]): Promise<void> {
  const cases = await startSuite(suite, ...args);
  for (const { name, flows } of cases.cases) {
    recorder.add(flowsPerSecond({ section, name, flows }, await cases.time(name)));
  }
  await cases.close();
}
