import { OddflowError } from "@oddflow/preprocessing";

/** One score per flow, higher is odder. Never written to. */
export type ScoreArray = Float32Array | Float64Array;

/**
 * Refuses what no metric can be computed from.
 * Throws OddflowError FLOWS_SHAPE when there is not one label per score or when a score is NaN or infinite, and
 * TOO_FEW_FLOWS when there is no flow at all.
 */
export function checkScores(scores: ScoreArray, isAttack: Uint8Array): void {
  if (scores.length !== isAttack.length) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `evaluate: ${isAttack.length} labels for ${scores.length} scores; expected one label per score, in the same order`,
    );
  }
  if (scores.length === 0) {
    throw new OddflowError(
      "TOO_FEW_FLOWS",
      "evaluate: found 0 flows, expected at least 1; check that the table or its test part holds rows",
    );
  }
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row];
    if (!Number.isFinite(score)) {
      throw new OddflowError(
        "FLOWS_SHAPE",
        `evaluate: the score of row ${row} (the first is row 0) is ${score}, expected a finite number; ` +
          "check that flow's values and the model that scored it",
      );
    }
  }
}
