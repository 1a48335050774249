import type { Writable } from "node:stream";
import { cannotExplain, type Scorer } from "@oddflow/inference";
import { type ContextEncoder, type FlowRecord, fieldValue, OddflowError } from "@oddflow/preprocessing";
import { RecordRules, type RuleSet } from "@oddflow/rules";
import type { LiveContext } from "../live-context.ts";
import { MAX_LATENCY } from "../max-latency-option.ts";
import { tellLacking } from "../read-rules.ts";
import type { ScoreTableSummary } from "../score-table.ts";
import { hasEnded, writeBytes } from "../standard-streams.ts";
import { SpareBuffers } from "../threads/spare-buffers.ts";
import { FlowSums } from "./flow-sums.ts";
import {
  type GatheredPiece,
  GatheredPieces,
  PIPE_BYTES,
  type ScoringLoad,
  type StreamPiece,
} from "./gathered-pieces.ts";
import type { ThreadScored } from "./piece-orders.ts";
import { type PieceOptions, PieceScorer } from "./piece-scorer.ts";
import { type PieceFates, PieceThreads } from "./piece-threads.ts";
import type { PipeFlows } from "./pipe-reader.ts";
import { StreamStart } from "./stream-start.ts";

export interface StreamScoringOptions extends PieceOptions {
  readonly context: LiveContext;
  /** Milliseconds that flows may wait for others to be scored with; `MAX_LATENCY` where it is absent. */
  readonly maxLatency?: number | undefined;
  readonly threads?: StreamThreads | undefined;
}

/** Threads beside this one that score what comes faster than this one can; where they are absent there are none. */
interface StreamThreads {
  readonly count: number;
  /** A model file's bytes, the scorer's. */
  readonly model: Uint8Array;
  /** So many bytes come before they are started: a stream may be at its end before they are ready. */
  readonly afterBytes: number;
}

/** Another model for a stream on its way. */
export interface StreamModel {
  readonly scorer: Scorer;
  /** The file's, for threads. */
  readonly bytes: Uint8Array;
  readonly threshold: number;
}

/** What was scored, and what the input was taken for. */
export interface StreamSummary extends Omit<ScoreTableSummary, "oddest"> {
  readonly takenFor: string | undefined;
  /** What was no flow and was left out, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** The model's columns that no flow had a value of, by name; none where there was no flow. */
  readonly absent: readonly string[];
}

const LINE_FEED = 10;

/** One stream on its way: each batch of its pieces is scored here, or by threads. */
export class StreamScoring implements PieceFates {
  readonly #output: Writable;
  #scorer: Scorer;
  #options: StreamScoringOptions;
  readonly #source: string;
  readonly #pieces: PieceScorer;
  readonly #sums: FlowSums;
  /** Of pieces that threads have scored, for others. */
  readonly #spare = new SpareBuffers();
  #threads: PieceThreads | undefined;
  #bytes = 0;
  #start = new StreamStart();
  /** Whether threads have been brought to it. */
  #hasBegun = false;
  /** The first flow of the file that comes: those behind it are like it. */
  #firstFlow: FlowRecord | undefined;
  /** Ends when nothing is being done with a piece, nor with another model. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(output: Writable, scorer: Scorer, options: StreamScoringOptions, source: string) {
    this.#output = output;
    this.#scorer = scorer;
    this.#options = options;
    this.#source = source;
    this.#pieces = new PieceScorer(scorer, options, options.context.encoder, source);
    this.#sums = new FlowSums(scorer.columns);
  }

  get summary(): StreamSummary {
    const { flows, alerts, suppressed, missing, unseen, absent } = this.#sums;
    const { takenFor, leftOut } = this.#pieces.reader;
    return { flows, alerts, suppressed, missing, unseen, absent, takenFor, leftOut };
  }

  async score(pieces: AsyncIterable<StreamPiece>): Promise<void> {
    const gathered = new GatheredPieces(pieces, this.#options.maxLatency ?? MAX_LATENCY, this.#spare);
    const load = (): ScoringLoad => this.#threads?.load ?? "free";
    const cutsLines = (): boolean => this.#pieces.reader.readsLines;
    try {
      while (!hasEnded(this.#output)) {
        const piece = await gathered.next(load, cutsLines);
        const isOver = await this.#inTurn(() => this.#scorePiece(piece, () => gathered.look()));
        if (isOver) return;
      }
    } finally {
      await this.#threads?.close();
    }
  }

  /**
   * Scores by another model from the next piece on, behind all that is being scored. What is written stays as it is, but for the
   * scores.
   * @throws OddflowError COLUMNS_MISSING where the stream has none of its columns, or lacks some; MODEL_INVALID where reasons are
   * written and it cannot give any; USAGE where a context is kept and it has none. All stays as it was then.
   */
  changeModel({ scorer, bytes, threshold }: StreamModel): Promise<void> {
    return this.#inTurn(async () => {
      await this.#threads?.idle();
      const { context, threads, reasons = 0 } = this.#options;
      if (reasons > 0 && !scorer.explains) throw cannotExplain();
      const encoder = context.encoderFor(scorer);
      if (this.#firstFlow !== undefined) checkFlow(this.#firstFlow, scorer, encoder, this.#source);
      const options = {
        ...this.#options,
        threshold,
        threads: threads && { ...threads, model: bytes },
      };
      this.#pieces.changeModel(scorer, options, encoder);
      context.goOn(scorer, encoder);
      this.#sums.changeColumns(scorer.columns);
      this.#scorer = scorer;
      await this.#goOn(options);
    });
  }

  /** Has other rules act from the next piece on, behind all that is being scored. */
  changeRules(rules: RuleSet): Promise<void> {
    return this.#inTurn(async () => {
      await this.#threads?.idle();
      this.#pieces.changeRules(rules);
      if (this.#firstFlow !== undefined) tellLacking(new RecordRules(rules).lacking(this.#firstFlow));
      await this.#goOn({ ...this.#options, rules });
    });
  }

  /** Has threads begin anew. */
  async #goOn(options: StreamScoringOptions): Promise<void> {
    this.#options = options;
    const former = this.#threads;
    this.#threads = undefined;
    this.#hasBegun = false;
    await former?.close();
  }

  form(): string | undefined {
    return this.#pieces.reader.lineForm;
  }

  flows(): number {
    return this.#sums.flows;
  }

  async take({ counts, lines, leftOut, output }: ThreadScored): Promise<void> {
    this.#sums.add(counts);
    this.#pieces.reader.passOver(lines, leftOut);
    await this.#write(output);
  }

  /** @returns whether that was all */
  async #scorePiece(piece: GatheredPiece | undefined, look: () => void): Promise<boolean> {
    if (piece instanceof Uint8Array && this.#isForThreads(piece)) {
      this.#threads?.add(piece);
      return false;
    }
    await this.#threads?.idle();
    if (piece === undefined) return true;
    if (piece === "next file") this.#beginFile();
    else await this.scoreHere(piece === "end" ? undefined : piece);
    this.#beginThreads(look);
    return false;
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(task);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async scoreHere(piece: Uint8Array | undefined): Promise<void> {
    const flows = this.#pieces.reader.read(piece);
    this.#bytes += piece?.length ?? 0;
    if (piece !== undefined && this.#options.threads) this.#start.add(piece, this.form(), flows.count > 0);
    if (flows.count > 0) {
      if (this.#sums.flows === 0) this.#checkFirst(flows);
      this.#firstFlow ??= flows.record(0);
      this.#pieces.goTo(this.#sums.flows);
      const { output, counts } = await this.#pieces.score(flows);
      this.#sums.add(counts);
      await this.#write(output);
    }
    if (flows.problem !== undefined) throw flows.problem;
  }

  #beginFile(): void {
    this.#pieces.reader.beginFile();
    this.#start = new StreamStart();
    this.#hasBegun = false;
    this.#firstFlow = undefined;
  }

  async #write(output: Uint8Array): Promise<void> {
    await writeBytes(this.#output, output);
    await this.#options.context.saveInTime();
  }

  #checkFirst({ withColumns, record }: PipeFlows): void {
    const { rules, context } = this.#options;
    const { encoder } = context;
    if (withColumns === 0) throw noColumns(record(0), this.#scorer, this.#source);
    checkContext(record(0), encoder, this.#source);
    if (rules !== undefined) tellLacking(new RecordRules(rules).lacking(record(0)));
  }

  #isForThreads(piece: Uint8Array): boolean {
    const form = this.form();
    const isWorthIt = piece.length >= PIPE_BYTES || this.#threads?.load !== "free";
    return form !== undefined && form === this.#threads?.form && isWorthIt && piece.at(-1) === LINE_FEED;
  }

  /** Has threads begin where the stream has shown to be long. */
  #beginThreads(look: () => void): void {
    const { threads, context, threshold, top, reasons, fields, rules } = this.#options;
    const form = this.form();
    if (threads === undefined || this.#bytes < threads.afterBytes) return;
    if (form === undefined || this.#hasBegun || !this.#start.isWhole) return;
    const { model } = threads;
    const { encoder } = context;
    const options = { threshold, top, fields, rules, ...(reasons === undefined ? {} : { reasons }) };
    this.#threads ??= new PieceThreads(
      threads.count,
      { model, options, hashKey: encoder?.hashKey },
      encoder,
      this,
      this.#spare,
      look,
    );
    this.#hasBegun = true;
    void this.#threads.begin(this.#start.bytes, form);
  }
}

/** @throws OddflowError COLUMNS_MISSING where a flow has no column of a model, or lacks what its context is counted from */
export function checkFlow(
  flow: FlowRecord,
  scorer: Scorer,
  encoder: ContextEncoder | undefined,
  source: string,
): void {
  const isThere = scorer.ownColumns.some(({ name }) => fieldValue(flow, name) !== undefined);
  if (!isThere) throw noColumns(flow, scorer, source);
  checkContext(flow, encoder, source);
}

/** @throws OddflowError COLUMNS_MISSING */
function checkContext(flow: FlowRecord, encoder: ContextEncoder | undefined, source: string): void {
  const lacking = encoder?.lackingInputs(flow) ?? [];
  if (lacking.length === 0) return;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `score: the records of ${source} lack ${lacking.join(", ")}, by which the model sees flows in their context; ` +
      "use a model for these flows, or train one with --context off",
  );
}

function noColumns(flow: FlowRecord, { ownColumns: columns }: Scorer, source: string): OddflowError {
  const found = Object.keys(flow).slice(0, 8);
  return new OddflowError(
    "COLUMNS_MISSING",
    `score: the records of ${source} have none of the model's ${columns.length} columns (they have ${found.join(", ") || "none"}; ` +
      `the model needs ${columns.map(({ name }) => name).join(", ")}); use a model for these flows`,
  );
}
