import { readJsonRecord } from "@oddflow/flow-sources";
import { cannotExplain } from "@oddflow/inference";
import type { ContextEncoder } from "@oddflow/preprocessing";
import { RecordRules, type RuleSet } from "@oddflow/rules";
import type { JoinedValues, ScoredValues, ValueScoring } from "@oddflow/stream";
import type { LiveContext } from "../live-context.ts";
import type { FlowSums } from "../pipe/flow-sums.ts";
import type { FlowCounts, PieceOptions } from "../pipe/piece-scorer.ts";
import { checkFlow, type StreamModel } from "../pipe/stream-scoring.ts";
import { tellLacking } from "../read-rules.ts";
import { SpareBuffers } from "../threads/spare-buffers.ts";
import { recordText } from "./record-texts.ts";
import { RecordThreads } from "./record-threads.ts";

export interface RecordModelsOptions {
  readonly threads: number;
  /** What is written, the same for all models. */
  readonly written: Omit<PieceOptions, "threshold">;
  readonly context: LiveContext;
  /** What is scored is added to it. */
  readonly sums: FlowSums;
  /** Hears of each batch. @param leftOut what those are that are no flows, in words */
  onScored(counts: FlowCounts, leftOut: Iterable<string>): void;
}

/** Scores the values of records by a model, and from a batch on by another one. */
export class RecordModels implements ValueScoring {
  #options: RecordModelsOptions;
  /** What is read, as messages name it. */
  readonly #source: string;
  readonly spare: SpareBuffers = new SpareBuffers();
  #model: StreamModel;
  #current: RecordThreads;
  /** A value that was scored: those behind it are like it. */
  #firstFlow: Uint8Array | undefined;
  /** Ends when batches that came are with the threads, and nothing is being done with another model. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(first: StreamModel, options: RecordModelsOptions, source: string) {
    this.#options = options;
    this.#source = source;
    this.#model = first;
    this.#current = this.#open(first, options.context.encoder);
  }

  get batchesAtOnce(): number {
    return this.#current.batchesAtOnce;
  }

  async score(values: JoinedValues): Promise<ScoredValues> {
    // The threads take the values away.
    const kept = this.#firstFlow ? undefined : { bytes: values.bytes.slice(), ends: values.ends.slice() };
    const { scored } = await this.#inTurn(async () => ({ scored: this.#current.score(values) }));
    const found = await scored;
    const first = found.written.ends.findIndex((end) => end > 0);
    if (kept !== undefined && first >= 0) {
      this.#firstFlow = kept.bytes.slice(kept.ends[first - 1] ?? 0, kept.ends[first]);
      this.#tellLacking();
    }
    return found;
  }

  /**
   * Scores by another model from the next batch on, behind all that is being scored.
   * @throws OddflowError COLUMNS_MISSING where flows have none of its columns, or lack some; MODEL_INVALID where reasons are written and it
   * cannot give any; USAGE where a context is kept and it has none. All stays as it was then.
   */
  change(model: StreamModel): Promise<void> {
    return this.#inTurn(async () => {
      const { context, written, sums } = this.#options;
      const { scorer } = model;
      if ((written.reasons ?? 0) > 0 && !scorer.explains) throw cannotExplain();
      const encoder = context.encoderFor(scorer);
      const reading = this.#firstFlow && readJsonRecord(recordText(this.#firstFlow));
      if (reading !== undefined && "record" in reading)
        checkFlow(reading.record, scorer, encoder, this.#source);
      const former = this.#current;
      // They open while the others score.
      this.#current = this.#open(model, encoder);
      this.#model = model;
      await former.idle();
      context.goOn(scorer, encoder);
      sums.changeColumns(scorer.columns);
      await former.close();
    });
  }

  /** Has other rules act from the next batch on, behind all that is being scored. */
  changeRules(rules: RuleSet): Promise<void> {
    return this.#inTurn(async () => {
      const { written, context } = this.#options;
      this.#options = { ...this.#options, written: { ...written, rules } };
      this.#tellLacking();
      const former = this.#current;
      this.#current = this.#open(this.#model, context.encoder);
      await former.idle();
      await former.close();
    });
  }

  #tellLacking(): void {
    const { rules } = this.#options.written;
    const reading = rules && this.#firstFlow && readJsonRecord(recordText(this.#firstFlow));
    if (rules !== undefined && reading !== undefined && "record" in reading)
      tellLacking(new RecordRules(rules).lacking(reading.record));
  }

  /** Ends the threads; what they have is given up. */
  async close(): Promise<void> {
    await this.#turn;
    await this.#current.close();
  }

  #open({ bytes, threshold }: StreamModel, encoder: ContextEncoder | undefined): RecordThreads {
    const { threads, written, onScored, sums } = this.#options;
    const data = { model: bytes, options: { ...written, threshold }, hashKey: encoder?.hashKey };
    const hear = (counts: FlowCounts, leftOut: Iterable<string>): void => {
      sums.add(counts);
      onScored(counts, leftOut);
    };
    return new RecordThreads(threads, data, encoder, hear, this.spare);
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(task);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
