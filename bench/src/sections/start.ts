import { fileURLToPath } from "node:url";
import { trainModels } from "../data/models.ts";
import { milliseconds } from "../measurement.ts";
import { inTurns, spreadOverRounds } from "../processes/in-turns.ts";
import { timeCommand } from "../processes/run-command.ts";
import type { Recorder } from "../recorder.ts";

const ROUNDS = 11;
const FIRST_SCORE = fileURLToPath(new URL("../first-score.js", import.meta.url));

/** From a cold process to the first score, and to the end of the process, beside a Node that does nothing. */
export async function startSection(recorder: Recorder): Promise<void> {
  const { oneNetwork, byDefault } = await trainModels();
  recorder.title("A cold process, from its start to its end");
  const run =
    (...args: string[]) =>
    () =>
      timeCommand({ line: [process.execPath, ...args] });
  const seconds = await inTurns(ROUNDS, {
    nothing: run("-e", "0"),
    oneNetwork: run(FIRST_SCORE, oneNetwork),
    byDefault: run(FIRST_SCORE, byDefault),
  });
  const subject = { section: "start", flows: 1 };
  recorder.add(milliseconds({ ...subject, name: "node -e 0" }, seconds.nothing));
  recorder.add(milliseconds({ ...subject, name: "the first score, one network" }, seconds.oneNetwork));
  recorder.add(milliseconds({ ...subject, name: "the first score, default detector" }, seconds.byDefault));
  recorder.figures.coldStart = spreadOverRounds(
    ROUNDS,
    (round) => 1000 * ((seconds.byDefault[round] ?? Number.NaN) - (seconds.nothing[round] ?? Number.NaN)),
  );
}
