import { useEffect, useState } from "preact/hooks";
import type { QuestionKind, Questions } from "../scoring/messages.ts";
import { ScoringFailure, type ScoringWorker } from "../scoring/scoring-worker.ts";

/** What a worker says to a question that a view asks. */
export interface ViewAnswer<Answer> {
  /** To this question, or to the one before while the worker computes; undefined before the first. */
  readonly answer: Answer | undefined;
  readonly isBusy: boolean;
  /** Why there is none. */
  readonly failure: string | undefined;
}

/** Asks a worker whenever another question comes. @param question the same object as long as it is the same question */
export function useAnswer<Kind extends QuestionKind>(
  worker: ScoringWorker,
  kind: Kind,
  question: Questions[Kind]["question"],
): ViewAnswer<Questions[Kind]["answer"]> {
  interface Known {
    readonly question?: Questions[Kind]["question"];
    readonly answer?: Questions[Kind]["answer"];
    readonly failure?: string;
  }
  const [known, setKnown] = useState<Known>({});
  useEffect(() => {
    let isLate = false;
    worker.ask(kind, question).then(
      (answer) => {
        if (!isLate) setKnown({ question, answer });
      },
      (error: unknown) => {
        if (!isLate)
          setKnown({ question, failure: error instanceof ScoringFailure ? error.message : String(error) });
      },
    );
    return () => {
      isLate = true;
    };
  }, [worker, kind, question]);
  return { answer: known.answer, isBusy: known.question !== question, failure: known.failure };
}
