import type { Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";

/** How many reasons are given where no number is named. */
export const DEFAULT_REASONS = 3;

/**
 * How many reasons to write for each anomaly: 0 for none. `asked` is true or false where somebody said so; otherwise
 * they are written where the output is JSON lines and columns are named anyway, if the model can give any.
 * @throws OddflowError MODEL_INVALID when reasons were asked for and the model cannot give them
 */
export async function reasonCount(
  scorer: Scorer,
  top: number,
  asked: boolean | undefined,
  isJsonLines: boolean,
): Promise<number> {
  if (!(asked ?? (top > 0 && isJsonLines))) return 0;
  const count = top > 0 ? top : DEFAULT_REASONS;
  try {
    await scorer.explain([], { top: count });
    return count;
  } catch (error) {
    if (asked || !(error instanceof OddflowError && error.code === "MODEL_INVALID")) throw error;
    return 0;
  }
}
