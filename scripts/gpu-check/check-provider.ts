/** Checks one provider in a process of its own: `node check-provider.js PROVIDER RESULT.json`. */
import { writeFileSync } from "node:fs";
import { type ExecutionProvider, OddflowError } from "@oddflow/inference/node";
import { checkScoring, SCORE_TOLERANCE, type ScoringCheck } from "./scoring.ts";
import { checkTraining, TRAINING_TOLERANCE, type TrainingCheck } from "./training.ts";

export interface ProviderCheck {
  readonly provider: ExecutionProvider;
  /** Why the provider cannot be had here; absent when it can. */
  readonly unavailable?: string;
  /** What is wrong, a line each; empty when all is well. */
  readonly failures: readonly string[];
  readonly scoring?: ScoringCheck;
  readonly training?: TrainingCheck;
}

const [provider, resultFile] = [process.argv[2] as ExecutionProvider, process.argv[3] ?? ""];
writeFileSync(resultFile, JSON.stringify(await check()));

async function check(): Promise<ProviderCheck> {
  let scoring: ScoringCheck;
  try {
    scoring = await checkScoring(provider);
  } catch (error) {
    if (!(error instanceof OddflowError && error.code === "PROVIDER_UNAVAILABLE")) throw error;
    return { provider, unavailable: error.message, failures: [] };
  }
  const training = await checkTraining(provider);
  const failures = [
    ...holds("scores", scoring.worstScore, SCORE_TOLERANCE),
    ...holds("column errors", scoring.worstColumnError, SCORE_TOLERANCE),
    ...holds("losses", training.worstLoss, TRAINING_TOLERANCE),
    ...holds("weights", training.worstWeight, TRAINING_TOLERANCE),
    ...(scoring.proof.proven ? [] : ["scoring: the provider did not run every matrix product"]),
    ...(training.proof.proven ? [] : ["training: the provider did not run every matrix product"]),
    ...[...scoring.throughput.notes, ...training.throughput.notes].filter((note) => note.includes("failed")),
  ];
  return { provider, failures, scoring, training };
}

function holds(what: string, worst: number, tolerance: number): string[] {
  if (worst <= tolerance) return [];
  return [`${what} differ from the CPU's by ${worst.toExponential(1)}, more than ${tolerance}`];
}
