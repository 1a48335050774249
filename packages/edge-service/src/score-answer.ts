import { readJsonRecord, withoutSampling } from "@oddflow/flow-sources";
import {
  anomalyReasons,
  cannotExplain,
  RowScorer,
  type ScoredBlock,
  type Scorer,
  Verdict,
} from "@oddflow/inference";
import {
  type FlowRecord,
  OddflowError,
  reportFlows,
  SCORE_COLUMN,
  type ScoredRows,
} from "@oddflow/preprocessing";
import { BodySource, LATER } from "./body-source.ts";
import { FlowBatch } from "./flow-batch.ts";
import type { ServiceLimits } from "./limits.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import { Problem, type Rejection } from "./problem.ts";
import type { RecordEncoders, RecordReader } from "./record-reader.ts";
import { tooSlow, unusableRecords } from "./request-problems.ts";
import { openReader, type ScoreQuery } from "./score-request.ts";
import type { ServiceMetrics } from "./service-metrics.ts";
import type { WaitingTime } from "./waiting-time.ts";

/** What an answer is made with. */
export interface AnswerContext {
  readonly scorer: Scorer;
  readonly encoders: RecordEncoders;
  readonly limits: ServiceLimits;
  readonly metrics: ServiceMetrics;
  readonly turns: OneAtATime;
  /** The request's own. */
  readonly time: WaitingTime;
  /** Something of the body has come. */
  onProgress(): void;
}

/** A record waits so long for others to be scored with it. */
const GATHER_MS = 4;

/** Where none of so many records can be used, none that follow will be any better. */
const RECORDS_BEFORE_THE_FIRST = 1024;

/** Explaining takes ten times as long as scoring: so many flows at a time, and others have their turn. */
const EXPLAINED_AT_ONCE = 64;

/** The scores of a body's records, in its order, a batch at a time as they come. */
export class ScoreAnswer {
  readonly #context: AnswerContext;
  readonly #request: ScoreQuery;
  readonly #source: BodySource;
  readonly #reader: RecordReader;
  readonly #batch: FlowBatch;
  readonly #rows: RowScorer;
  #written = "";
  #hasFirst = false;
  #hasEnded = false;
  #isOver = false;
  /** What ends the answer, when what came before it has been scored. */
  #problem: Problem | undefined;

  constructor(context: AnswerContext, request: ScoreQuery, body: ReadableStream<Uint8Array> | null) {
    const { encoders, limits } = context;
    this.#context = context;
    this.#request = request;
    this.#source = new BodySource(body, limits.bodyBytes);
    this.#reader = openReader(request.body, {
      encoders,
      limits,
      keepsOrigins: request.reasons > 0,
      takesMissing: request.takesMissing,
    });
    this.#rows = new RowScorer(context.scorer, new Verdict(request.threshold));
    this.#batch = new FlowBatch(limits.batch, context.scorer.columns.length);
  }

  /**
   * Scores records up to the first that can be used, so that what is wrong with the request as a whole can be said by a
   * status.
   * @throws Problem when there is none, or when what the request asks for cannot be had
   */
  async begin(): Promise<void> {
    if (this.#request.reasons > 0 && !this.#context.scorer.explains) {
      throw new Problem("no-reasons", cannotExplain().message);
    }
    this.#written = this.#request.answer === "json" ? "[" : "";
    const batch = this.#batch;
    const rejected: Rejection[] = [];
    let scored = 0;
    for (;;) {
      batch.most = Math.min(batch.capacity, RECORDS_BEFORE_THE_FIRST - scored - rejected.length);
      await this.#fillBatch();
      rejected.push(...batch.rejections.filter(({ code }) => code !== "NO_FLOW" || rejected.length === 0));
      scored += batch.rows;
      if (batch.hasColumns) break;
      const isHopeless = rejected.length + scored >= RECORDS_BEFORE_THE_FIRST;
      if (isHopeless || (this.#hasEnded && rejected.length + scored > 0))
        throw unusableRecords(rejected, scored, this.#request.body, this.#context.scorer);
      if (this.#hasEnded) break;
      this.#written += await this.#scoreBatch();
    }
    batch.most = batch.capacity;
    this.#written += await this.#scoreBatch();
  }

  /** The answer's text, a chunk at a time, until it is over. A problem after the beginning is its last record. */
  async next(): Promise<string> {
    if (this.#written === "" && !this.#hasEnded) {
      try {
        await this.#fillBatch();
        this.#written = await this.#scoreBatch();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // Whoever sends the rest need not be waited for.
        void this.stop();
        return this.#cut(error);
      }
    }
    const text = this.#written;
    this.#written = "";
    if (!this.#hasEnded) return text;
    this.#isOver = true;
    return text + this.#closing;
  }

  /** Whether `next` has nothing more to give. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Reads no more of the body. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#source.cancel();
  }

  /**
   * Fills the batch with what is there, or waits for the next whole record.
   * @throws Problem when none follows in time; when what follows cannot be read, after what came before it
   */
  async #fillBatch(): Promise<void> {
    const batch = this.#batch;
    batch.clear();
    try {
      if (this.#problem !== undefined) throw this.#problem;
      await this.#gather();
    } catch (error) {
      if (!(error instanceof Problem) || batch.records === 0) throw error;
      this.#problem = error;
    }
    for (const { code } of batch.rejections) this.#context.metrics.rejected.add(1, { code });
  }

  async #gather(): Promise<void> {
    const { time, limits, onProgress } = this.#context;
    const batch = this.#batch;
    const latest = Date.now() + limits.idleSeconds * 1000;
    this.#reader.fill(batch);
    while (!batch.isFull) {
      const asked = Date.now();
      const idleMs = Math.max(0, latest - asked);
      const { leftMs } = time;
      const piece = await this.#source.next(batch.records > 0 ? GATHER_MS : Math.min(idleMs, leftMs));
      time.spend(Date.now() - asked);
      if (piece === LATER) {
        if (batch.records > 0) return;
        throw tooSlow(idleMs <= leftMs, limits);
      }
      time.move(piece?.length ?? 0);
      onProgress();
      if (piece === undefined) this.#reader.end();
      else this.#reader.feed(piece);
      this.#reader.fill(batch);
      if (piece === undefined && !batch.isFull) {
        this.#hasEnded = true;
        return;
      }
    }
  }

  /** What the batch adds to the answer. */
  async #scoreBatch(): Promise<string> {
    const batch = this.#batch;
    if (batch.records === 0) return "";
    const scored = batch.rows > 0 ? await this.#context.turns.run(() => this.#score()) : undefined;
    // Whoever was to have it is gone, and soon the scorer may be.
    if (this.#isOver) return "";
    const rows = scored && (await this.#withReasons(scored));
    let text = "";
    let row = 0;
    let rejection = 0;
    for (let i = 0; i < batch.records; i++) {
      if (rows === undefined || batch.rejections[rejection]?.row === batch.firstRow + i) {
        text += this.#put(JSON.stringify({ rejected: batch.rejections[rejection++] }));
        continue;
      }
      text += this.#put(scoreText(rows, row++));
    }
    return text;
  }

  async #score(): Promise<ScoredBlock | undefined> {
    if (this.#isOver) return undefined;
    const { scorer, metrics } = this.#context;
    const flows = this.#batch.encodedFlows;
    const began = performance.now();
    const rows = await this.#scoreRows(flows);
    metrics.batchDuration.observe((performance.now() - began) / 1000);
    const report = reportFlows(flows, scorer.columns);
    metrics.missing.add(report.missing);
    for (const [column, count] of report.unseen) metrics.unseen.add(count, { column });
    metrics.flows.add(this.#batch.rows);
    metrics.alerts.add(rows.anomalies);
    return rows;
  }

  async #scoreRows(flows: Float32Array): Promise<ScoredBlock> {
    try {
      return await this.#rows.score({ flows });
    } catch (error) {
      if (!(error instanceof OddflowError)) throw error;
      throw new Problem("unavailable", `the model cannot score these records: ${error.message}`);
    }
  }

  async #withReasons(scored: ScoredRows): Promise<ScoredRows> {
    if (this.#request.reasons === 0) return scored;
    const { scorer, turns } = this.#context;
    const reasons = new Array<string | null>(scored.score.length).fill(null);
    const anomalies = [...scored.isAnomaly.keys()].filter((row) => scored.isAnomaly[row] === 1);
    for (let first = 0; first < anomalies.length; first += EXPLAINED_AT_ONCE) {
      const rows = anomalies.slice(first, first + EXPLAINED_AT_ONCE);
      const chosen = new Set(rows);
      const explained = await turns.run(async () =>
        this.#isOver
          ? []
          : anomalyReasons(
              scorer,
              this.#batch.encodedFlows,
              (row) => chosen.has(row),
              this.#request.reasons,
              (row) => originalRecord(this.#batch.origins[row]),
            ),
      );
      for (const row of rows) reasons[row] = JSON.stringify(explained[row] ?? null);
    }
    return { ...scored, reasons };
  }

  /** A record's place in the answer, with what stands before it or behind it there. */
  #put(record: string): string {
    if (this.#request.answer === "ndjson") return `${record}\n`;
    const before = this.#hasFirst ? ",\n" : "\n";
    this.#hasFirst = true;
    return before + record;
  }

  get #closing(): string {
    return this.#request.answer === "json" ? "\n]\n" : "";
  }

  #cut(problem: Problem): string {
    this.#context.metrics.cutAnswers.add(1, { problem: problem.kind });
    return this.#put(JSON.stringify({ error: problem.details })) + this.#closing;
  }
}

function originalRecord(origin: FlowRecord | Uint8Array | undefined): FlowRecord {
  if (!(origin instanceof Uint8Array)) return origin ?? {};
  const reading = readJsonRecord(origin);
  return "record" in reading ? withoutSampling(reading.record) : {};
}

function scoreText({ score, isAnomaly, rarity, reasons }: ScoredRows, row: number): string {
  const why = reasons === undefined ? "" : `,"${SCORE_COLUMN.reasons}":${reasons[row] ?? "null"}`;
  return (
    `{"${SCORE_COLUMN.score}":${score[row]},"${SCORE_COLUMN.isAnomaly}":${isAnomaly[row] === 1},` +
    `"${SCORE_COLUMN.rarity}":${rarity[row]}${why}}`
  );
}
