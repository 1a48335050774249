import { trainModels } from "../../data/models.ts";
import type { Recorder } from "../../recorder.ts";
import { timeOneMillion } from "./one-million.ts";
import { timePipe } from "./pipe.ts";
import { timeTableSizes } from "./table-sizes.ts";

/** Whole commands: side by side at one million flows, by the size of the table, and in a pipe. */
export async function scoringSection(recorder: Recorder): Promise<void> {
  const models = await trainModels();
  const oneMillion = await timeOneMillion(recorder, models);
  await timeTableSizes(recorder, models, oneMillion);
  await oneMillion.close();
  await timePipe(recorder, models);
}
