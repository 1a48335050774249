import { type ReadonlySignal, signal } from "@preact/signals";
import type { SecondSummary } from "../comparison/second-model.ts";
import type { Failure, Progress, WebProvider } from "../scoring/messages.ts";
import { ScoringFailure, type ScoringWorker } from "../scoring/scoring-worker.ts";

/** What is being done about a second model: nothing, also once it has scored; or it was refused. */
type SecondStage =
  | { readonly kind: "idle" }
  | { readonly kind: "scoring"; readonly name: string; readonly progress: Progress | undefined }
  | { readonly kind: "failed"; readonly failure: Failure };

/** A model beside the one that scored the table. */
export interface SecondState {
  readonly stage: ReadonlySignal<SecondStage>;
  /** The last one that has scored the table; it stays where another is refused. */
  readonly model: ReadonlySignal<SecondSummary | undefined>;
  open(file: File, provider: WebProvider): Promise<void>;
}

export function createSecond(worker: ScoringWorker): SecondState {
  const stage = signal<SecondStage>({ kind: "idle" });
  const model = signal<SecondSummary | undefined>(undefined);
  return {
    stage,
    model,
    async open(file, provider) {
      const { name } = file;
      stage.value = { kind: "scoring", name, progress: undefined };
      try {
        model.value = await worker.ask("secondModel", { model: { name, file }, provider }, (progress) => {
          stage.value = { kind: "scoring", name, progress };
        });
        stage.value = { kind: "idle" };
      } catch (error) {
        if (!(error instanceof ScoringFailure)) throw error;
        stage.value = { kind: "failed", failure: error.failure };
      }
    },
  };
}
