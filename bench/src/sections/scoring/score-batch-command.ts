import { fromRoot, SCORE_BATCH } from "../../inputs.ts";
import { type Command, nodeCommand } from "../../processes/run-command.ts";

export const SECTION = "scoring";
export const MILLION = 1_000_000;
export const ROUNDS = 3;
/** Of what takes seconds only, and what targets are held at. */
export const SHORT_ROUNDS = 5;

/** Where commands write. */
export const inData = (name: string): string => fromRoot(`bench/data/throughput/${name}`);

/** `score-batch` from a table to a table with keys, score and flag; top columns are off unless asked for. */
export function scoreBatch(
  model: string,
  table: string,
  output: string,
  ...options: readonly string[]
): Command {
  return {
    line: nodeCommand(SCORE_BATCH, table, "-m", model, "-o", output, "--columns", "keys", ...options),
  };
}
