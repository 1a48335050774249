import { cannotExplain, type Scorer } from "@oddflow/inference";

/** How many reasons are given where no number is named. */
export const DEFAULT_REASONS = 3;

/**
 * How many reasons to write for each anomaly: 0 for none. `asked` is true or false where somebody said so; otherwise
 * they are written where the output is JSON lines and columns are named anyway, if the model can give any.
 * @throws OddflowError MODEL_INVALID when reasons were asked for and the model cannot give them
 */
export function reasonCount(
  { explains }: Scorer,
  top: number,
  asked: boolean | undefined,
  isJsonLines: boolean,
): number {
  if (asked && !explains) throw cannotExplain();
  if (!(asked ?? (top > 0 && isJsonLines && explains))) return 0;
  return top > 0 ? top : DEFAULT_REASONS;
}
