import { readJsonRecord, withoutSampling } from "@oddflow/flow-sources";
import { anomalyReasons, RowScorer, type ScoredBlock, type Scorer, Verdict } from "@oddflow/inference";
import {
  type FlowRecord,
  isSuppressed,
  OddflowError,
  reportFlows,
  type ScoredRows,
} from "@oddflow/preprocessing";
import type { RecordRules } from "@oddflow/rules";
import { AnswerText } from "./answer-text.ts";
import type { ContextCounting } from "./context-counting.ts";
import { FlowBatch } from "./flow-batch.ts";
import type { RecordLimits } from "./limits.ts";
import { Problem, type Rejection } from "./problem.ts";
import type { RecordEncoders, RecordReader } from "./record-reader.ts";
import { unusableRecords } from "./request-problems.ts";
import { openReader, type ScoreQuery } from "./score-request.ts";
import type { AnswerPart, RequestScoring } from "./scoring.ts";
import type { ScoringTally } from "./scoring-counts.ts";

/** What records are scored with. */
export interface RecordScoringTools {
  readonly scorer: Scorer;
  readonly encoders: RecordEncoders;
  readonly limits: RecordLimits;
  readonly tally: ScoringTally;
  /** What is said of alarms. */
  readonly rules: RecordRules | undefined;
  /** Of a model that sees flows in their context. */
  readonly countContext: ContextCounting["count"] | undefined;
  /** Runs a task when it is its turn in the model. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
}

/** Where none of so many records can be used, none that follow will be any better. */
const RECORDS_BEFORE_THE_FIRST = 1024;

/** Explaining takes ten times as long as scoring: so many flows at a time, and others have their turn. */
const EXPLAINED_AT_ONCE = 64;

/** Makes the bytes of a body the text of its answer, a batch of records at a time, in their order. Knows no time and waits for nobody. */
export class RecordScoring implements RequestScoring {
  readonly #tools: RecordScoringTools;
  readonly #query: ScoreQuery;
  readonly #reader: RecordReader;
  readonly #batch: FlowBatch;
  readonly #rows: RowScorer;
  readonly #text: AnswerText;
  /** Of the records before the first that can be used. */
  readonly #rejected: Rejection[] = [];
  #scored = 0;
  #hasBegun = false;
  #isLast = false;
  #isClosed = false;

  constructor(tools: RecordScoringTools, query: ScoreQuery) {
    const { encoders, limits, scorer, rules } = tools;
    this.#tools = tools;
    this.#query = query;
    this.#reader = openReader(query.body, {
      encoders,
      limits,
      keepsOrigins: query.reasons > 0 || rules !== undefined,
      takesMissing: query.takesMissing,
    });
    this.#rows = new RowScorer(scorer, new Verdict(query.threshold));
    this.#batch = new FlowBatch(limits.batch, scorer.columns.length);
    this.#text = new AnswerText(query.answer);
  }

  async score(bytes: Uint8Array | undefined, isLast: boolean): Promise<AnswerPart> {
    if (bytes !== undefined && bytes.length > 0) this.#reader.feed(bytes);
    if (isLast && !this.#isLast) {
      this.#isLast = true;
      this.#reader.end();
    }
    const batch = this.#batch;
    const problem = this.#fillBatch();
    const hasEnded = this.#isLast && !batch.isFull && problem === undefined;
    const hadBegun = this.#hasBegun;
    const refusal = hadBegun ? undefined : this.#decide(hasEnded);
    if (refusal !== undefined) return this.#part("nothing", refusal);
    try {
      await this.#scoreBatch();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Nothing has been said yet, so that a status can say it.
      this.#hasBegun = hadBegun;
      return this.#part("nothing", error);
    }
    if (problem !== undefined) return this.#part("nothing", problem);
    if (hasEnded) this.#text.close();
    return this.#part(hasEnded ? "nothing" : batch.isFull ? "turn" : "bytes");
  }

  close(): void {
    this.#isClosed = true;
  }

  #part(wants: AnswerPart["wants"], problem?: Problem): AnswerPart {
    return {
      answer: this.#text.take(),
      records: this.#batch.records,
      hasBegun: this.#hasBegun,
      wants,
      ...(problem === undefined ? {} : { problem: problem.facts }),
      counts: this.#tools.tally.take(),
    };
  }

  /** Fills the batch with what is there. @returns what is wrong with what follows */
  #fillBatch(): Problem | undefined {
    const batch = this.#batch;
    batch.clear();
    const seen = this.#scored + this.#rejected.length;
    batch.most = this.#hasBegun ? batch.capacity : Math.min(batch.capacity, RECORDS_BEFORE_THE_FIRST - seen);
    let problem: Problem | undefined;
    try {
      this.#reader.fill(batch);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem = error;
    }
    for (const { code } of batch.rejections) this.#tools.tally.addRejected(code);
    return problem;
  }

  /**
   * Whether the request can be answered, up to the first record that can be used, so that what is wrong with the request as a
   * whole can be said by a status.
   * @returns why it cannot
   */
  #decide(hasEnded: boolean): Problem | undefined {
    const batch = this.#batch;
    const rejected = this.#rejected;
    rejected.push(...batch.rejections.filter(({ code }) => code !== "NO_FLOW" || rejected.length === 0));
    this.#scored += batch.rows;
    const seen = rejected.length + this.#scored;
    if (!batch.hasColumns && (seen >= RECORDS_BEFORE_THE_FIRST || (hasEnded && seen > 0))) {
      return unusableRecords(rejected, this.#scored, this.#query.body, this.#tools.scorer);
    }
    this.#hasBegun = batch.hasColumns || hasEnded;
    return undefined;
  }

  /** Writes what the batch adds to the answer. */
  async #scoreBatch(): Promise<void> {
    const batch = this.#batch;
    if (batch.records === 0) return;
    const { countContext } = this.#tools;
    if (countContext !== undefined && batch.rows > 0)
      batch.addColumns(await countContext(batch.contextFlows));
    const scored = batch.rows > 0 ? await this.#tools.inTurn(() => this.#score()) : undefined;
    // Whoever was to have it is gone, and soon the scorer may be.
    if (this.#isClosed) return;
    const rows = scored && (await this.#withReasons(scored));
    let row = 0;
    let rejection = 0;
    for (let i = 0; i < batch.records; i++) {
      const next = batch.rejections[rejection];
      if (next !== undefined && (rows === undefined || next.row === batch.firstRow + i)) {
        this.#text.add({ rejected: next });
        rejection++;
      } else if (rows !== undefined) this.#text.addScores(rows, row++);
    }
  }

  async #score(): Promise<ScoredBlock | undefined> {
    if (this.#isClosed) return undefined;
    const { scorer, tally } = this.#tools;
    const flows = this.#batch.encodedFlows;
    const rows = await this.#scoreRows(flows);
    tally.addScored(rows, reportFlows(flows, scorer.columns));
    return rows;
  }

  async #scoreRows(flows: Float32Array): Promise<ScoredBlock> {
    try {
      const { rules } = this.#tools;
      const ruling = rules && ((row: number) => rules.ruling(this.#record(row)));
      return await this.#rows.score(ruling ? { flows, ruling } : { flows });
    } catch (error) {
      if (!(error instanceof OddflowError)) throw error;
      throw new Problem("unavailable", `the model cannot score these records: ${error.message}`);
    }
  }

  async #withReasons(scored: ScoredRows): Promise<ScoredRows> {
    if (this.#query.reasons === 0) return scored;
    const { scorer, inTurn } = this.#tools;
    const reasons = new Array<string | null>(scored.score.length).fill(null);
    const { isAnomaly, rulings } = scored;
    const anomalies = [...isAnomaly.keys()].filter(
      (row) => isAnomaly[row] === 1 || isSuppressed(rulings?.[row]),
    );
    for (let first = 0; first < anomalies.length; first += EXPLAINED_AT_ONCE) {
      const rows = anomalies.slice(first, first + EXPLAINED_AT_ONCE);
      const chosen = new Set(rows);
      const explained = await inTurn(async () =>
        this.#isClosed
          ? []
          : anomalyReasons(
              scorer,
              this.#batch.encodedFlows,
              (row) => chosen.has(row),
              this.#query.reasons,
              (row) => this.#record(row),
            ),
      );
      for (const row of rows) reasons[row] = JSON.stringify(explained[row] ?? null);
    }
    return { ...scored, reasons };
  }

  #record(row: number): FlowRecord {
    return originalRecord(this.#batch.origins[row]);
  }
}

function originalRecord(origin: FlowRecord | Uint8Array | undefined): FlowRecord {
  if (!(origin instanceof Uint8Array)) return origin ?? {};
  const reading = readJsonRecord(origin);
  return "record" in reading ? withoutSampling(reading.record) : {};
}
