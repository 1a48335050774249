import { cannotExplain, type ScorerDescription } from "@oddflow/inference";
import { lastAnswer } from "./answer-text.ts";
import { type BodySource, LATER } from "./body-source.ts";
import type { ServiceLimits } from "./limits.ts";
import { Problem } from "./problem.ts";
import { tooSlow } from "./request-problems.ts";
import type { ScoreQuery } from "./score-request.ts";
import type { AnswerPart, RequestScoring, Scoring } from "./scoring.ts";
import type { ServiceMetrics } from "./service-metrics.ts";
import type { WaitingTime } from "./waiting-time.ts";

/** What an answer is made with. */
export interface AnswerContext {
  readonly scorer: ScorerDescription;
  readonly scoring: Scoring;
  readonly limits: ServiceLimits;
  readonly metrics: ServiceMetrics;
  /** The request's own. */
  readonly time: WaitingTime;
  /** Something of the body has come. */
  onProgress(): void;
}

/** The scores of a body's records, in its order, a part at a time as they come: reads the body, and has it scored. */
export class ScoreAnswer {
  readonly #context: AnswerContext;
  readonly #query: ScoreQuery;
  readonly #source: BodySource;
  readonly #scoring: RequestScoring;
  #written: Uint8Array<ArrayBuffer> = new Uint8Array();
  #wants: AnswerPart["wants"] = "bytes";
  #hasRecords = false;
  #isLast = false;
  #isOver = false;
  /** When the next whole record must have come; undefined while none is waited for. */
  #latest: number | undefined;
  /** What ends the answer, behind what came before it. */
  #problem: Problem | undefined;

  constructor(context: AnswerContext, query: ScoreQuery, source: BodySource) {
    this.#context = context;
    this.#query = query;
    this.#source = source;
    this.#scoring = context.scoring.open(query);
  }

  /**
   * Scores records until the answer's status is settled.
   * @throws Problem when that is another than 200
   */
  async begin(): Promise<void> {
    if (this.#query.reasons > 0 && !this.#context.scorer.explains) {
      throw new Problem("no-reasons", cannotExplain().message);
    }
    const parts: Uint8Array[] = [];
    for (let hasBegun = false; !hasBegun; ) {
      const part = await this.#part();
      ({ hasBegun } = part);
      if (!hasBegun && this.#problem !== undefined) throw this.#problem;
      parts.push(part.answer);
    }
    this.#written = joined(parts);
  }

  /** All of the answer where it is there already; undefined where more is to come. */
  get whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#wants === "nothing" && this.#problem === undefined ? this.#written : undefined;
  }

  /** The answer's bytes, a part at a time, until it is over. A problem after the beginning is its last record. */
  async next(): Promise<Uint8Array<ArrayBuffer>> {
    let bytes = this.#written;
    this.#written = new Uint8Array();
    try {
      if (bytes.length === 0) {
        if (this.#problem !== undefined) throw this.#problem;
        if (this.#wants !== "nothing") bytes = (await this.#part()).answer;
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Nobody is left to hear of it.
      if (this.#isOver) return bytes;
      // Whoever sends the rest need not be waited for.
      void this.stop();
      return this.#cut(error);
    }
    this.#isOver ||= this.#wants === "nothing" && this.#problem === undefined;
    return bytes;
  }

  /** Whether `next` has nothing more to give. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Reads no more of the body, and scores no more. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#scoring.close();
    await this.#source.cancel();
  }

  /** Has what comes next scored. @throws Problem */
  async #part(): Promise<AnswerPart> {
    const bytes = this.#wants === "bytes" ? await this.#bytes() : undefined;
    const part = await this.#scoring.score(bytes, this.#isLast);
    const { metrics, onProgress } = this.#context;
    onProgress();
    metrics.addScored(part.counts);
    this.#wants = part.wants;
    if (part.records > 0) {
      this.#hasRecords = true;
      this.#latest = undefined;
    }
    if (part.problem !== undefined) this.#problem = Problem.of(part.problem);
    return part;
  }

  /** @throws Problem when no whole record comes in time; what the source throws */
  async #bytes(): Promise<Uint8Array> {
    const { time, limits, onProgress } = this.#context;
    const asked = Date.now();
    this.#latest ??= asked + limits.idleSeconds * 1000;
    const idleMs = Math.max(0, this.#latest - asked);
    const { leftMs } = time;
    const piece = await this.#source.next(Math.min(idleMs, leftMs));
    time.spend(Date.now() - asked);
    if (piece === LATER) throw tooSlow(idleMs <= leftMs, limits);
    time.move(piece.bytes.length);
    onProgress();
    this.#isLast = piece.isLast;
    return piece.bytes;
  }

  #cut(problem: Problem): Uint8Array<ArrayBuffer> {
    this.#context.metrics.cutAnswers.add(1, { problem: problem.kind });
    return lastAnswer({ error: problem.details }, this.#query.answer, this.#hasRecords);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    bytes.set(part, place);
    place += part.length;
  }
  return bytes;
}
