import type { ContextCounts } from "@oddflow/preprocessing";
import type { ProblemFacts } from "./problem.ts";
import type { ScoreQuery } from "./score-request.ts";
import type { ScoringCounts } from "./scoring-counts.ts";

/** Scores the records of requests: in this thread, or in others. Queries, parts and counts are plain data, for threads to hand on. */
export interface Scoring {
  /** Begins with the records of a request. */
  open(query: ScoreQuery): RequestScoring;
  /** Ends when nothing runs in the model. */
  idle(): Promise<void>;
  /** What a model that sees flows in their context has met; undefined for another. */
  contextCounts(): Promise<Readonly<ContextCounts> | undefined>;
}

/** The records of one request, as far as they have come. */
export interface RequestScoring {
  /**
   * Takes the bytes that came next and scores a batch of the records that are there. One call ends before the next begins.
   * @param bytes the receiver's from then on; none where more records of former ones are there
   * @param isLast whether no more will come
   * @throws Problem unavailable where the records cannot be scored
   */
  score(bytes: Uint8Array | undefined, isLast: boolean): Promise<AnswerPart>;
  /** Says that nobody wants the rest. */
  close(): void;
}

/** What some bytes of a body add to its answer. */
export interface AnswerPart {
  /** UTF-8. */
  readonly answer: Uint8Array<ArrayBuffer>;
  /** Whole records that were taken. */
  readonly records: number;
  /** Whether the answer's status is settled, and is 200. */
  readonly hasBegun: boolean;
  /** What the scoring goes on with: more bytes, records that are there, or nothing, since this is the end. */
  readonly wants: "bytes" | "turn" | "nothing";
  /** What is wrong with what follows, so that this is the end. */
  readonly problem?: ProblemFacts;
  /** What was scored since the part before, for this request or for others. */
  readonly counts: ScoringCounts;
}
