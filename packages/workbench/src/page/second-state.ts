import { type ReadonlySignal, signal } from "@preact/signals";
import type { SecondSummary } from "../comparison/second-model.ts";
import type { Failure, Progress, WebProvider } from "../scoring/messages.ts";
import { ScoringFailure, type ScoringWorker } from "../scoring/scoring-worker.ts";

/** How far a second model is. */
export type SecondStage =
  | { readonly kind: "none" }
  | { readonly kind: "scoring"; readonly name: string; readonly progress: Progress | undefined }
  | { readonly kind: "failed"; readonly name: string; readonly failure: Failure }
  | { readonly kind: "scored"; readonly model: SecondSummary };

/** A model beside the one that scored the table. */
export interface SecondState {
  readonly stage: ReadonlySignal<SecondStage>;
  open(file: File, provider: WebProvider): Promise<void>;
}

export function createSecond(worker: ScoringWorker): SecondState {
  const stage = signal<SecondStage>({ kind: "none" });
  return {
    stage,
    async open(file, provider) {
      const { name } = file;
      stage.value = { kind: "scoring", name, progress: undefined };
      try {
        const model = await worker.ask("secondModel", { model: { name, file }, provider }, (progress) => {
          stage.value = { kind: "scoring", name, progress };
        });
        stage.value = { kind: "scored", model };
      } catch (error) {
        if (!(error instanceof ScoringFailure)) throw error;
        stage.value = { kind: "failed", name, failure: error.failure };
      }
    },
  };
}
