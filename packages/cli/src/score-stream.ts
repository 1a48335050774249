import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import { LiveContext } from "./live-context.ts";
import { MAX_LATENCY } from "./max-latency-option.ts";
import { FlowSums } from "./pipe/flow-sums.ts";
import { GatheredPieces, PIPE_BYTES, type ScoringLoad, type StreamPiece } from "./pipe/gathered-pieces.ts";
import type { ThreadScored } from "./pipe/piece-orders.ts";
import { type PieceOptions, PieceScorer } from "./pipe/piece-scorer.ts";
import { type PieceFates, PieceThreads } from "./pipe/piece-threads.ts";
import type { PipeFlows } from "./pipe/pipe-reader.ts";
import { StreamStart } from "./pipe/stream-start.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import { checkOutput, hasEnded, readInput, settled, watchOutput } from "./standard-streams.ts";
import { SpareBuffers } from "./threads/spare-buffers.ts";

export interface ScoreStreamOptions extends PieceOptions {
  /** Of a model that sees flows in their context: what was counted before, to which what comes is added. */
  readonly context?: LiveContext | undefined;
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

const LINE_FEED = 10;

/** What was scored, and what the input was taken for. */
export interface StreamSummary extends Omit<ScoreTableSummary, "oddest"> {
  readonly takenFor: string | undefined;
  /** What was no flow and was left out, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** The model's columns that no flow had a value of, by name; none where there was no flow. */
  readonly absent: readonly string[];
}

/**
 * Scores flows as they come, JSON, CSV or a Zeek log, and writes them in the form and the order that they came in. What a slow
 * stream brings is scored and written at once; of a fast one, what came meanwhile is scored together, in threads if there are
 * some. Blank lines are passed over. It ends early, without an error, when nobody reads the output.
 * @param signal ends the input: whole lines that have come are scored
 * @throws OddflowError TABLE_UNREADABLE, OUTPUT_UNWRITABLE where the system refuses to read or to write.
 * @throws OddflowError RECORD_INVALID for a line that is no record, TABLE_UNREADABLE for text that is no CSV, VALUE_NOT_A_NUMBER
 * for a value that cannot be used; the message names the line, and what came before it has been written. COLUMNS_MISSING when
 * the first records have none of the model's columns, or a header lacks some.
 */
export async function scoreStream(
  input: Readable,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
  signal?: AbortSignal,
): Promise<StreamSummary> {
  const end = (): unknown => input.destroy();
  signal?.addEventListener("abort", end);
  if (signal?.aborted === true) end();
  try {
    return await scorePieces(streamPieces(input, signal), output, scorer, options);
  } finally {
    signal?.removeEventListener("abort", end);
    end();
  }
}

async function* streamPieces(input: Readable, signal: AbortSignal | undefined): AsyncGenerator<StreamPiece> {
  try {
    yield* readInput(input);
  } catch (thrown) {
    if (signal?.aborted !== true) throw thrown;
  }
  // A last line without an end may not be whole then.
  yield signal?.aborted === true ? "next file" : "end";
}

/** As `scoreStream`, wherever the pieces come from. @param source what they are pieces of, as messages name it */
export async function scorePieces(
  pieces: AsyncIterable<StreamPiece>,
  output: Writable,
  scorer: Scorer,
  options: ScoreStreamOptions,
  source = "standard input",
): Promise<StreamSummary> {
  const { context = await LiveContext.open(scorer, undefined) } = options;
  watchOutput(output);
  const scoring = new StreamScoring(output, scorer, { ...options, context }, source);
  await scoring.score(pieces);
  await settled(output);
  checkOutput(output);
  return scoring.summary;
}

/** One stream on its way: each batch of its pieces is scored here, or by threads. */
class StreamScoring implements PieceFates {
  readonly #output: Writable;
  readonly #scorer: Scorer;
  readonly #options: ScoreStreamOptions;
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

  constructor(output: Writable, scorer: Scorer, options: ScoreStreamOptions, source: string) {
    this.#output = output;
    this.#scorer = scorer;
    this.#options = options;
    this.#source = source;
    this.#pieces = new PieceScorer(scorer, options, options.context?.encoder, source);
    this.#sums = new FlowSums(scorer.columns);
  }

  get summary(): StreamSummary {
    const { flows, alerts, missing, unseen, absent } = this.#sums;
    const { takenFor, leftOut } = this.#pieces.reader;
    return { flows, alerts, missing, unseen, absent, takenFor, leftOut };
  }

  async score(pieces: AsyncIterable<StreamPiece>): Promise<void> {
    const gathered = new GatheredPieces(pieces, this.#options.maxLatency ?? MAX_LATENCY, this.#spare);
    const load = (): ScoringLoad => this.#threads?.load ?? "free";
    const cutsLines = (): boolean => this.#pieces.reader.readsLines;
    try {
      while (!hasEnded(this.#output)) {
        const piece = await gathered.next(load, cutsLines);
        if (piece instanceof Uint8Array && this.#isForThreads(piece)) {
          this.#threads?.add(piece);
          continue;
        }
        await this.#threads?.idle();
        if (piece === undefined) return;
        if (piece === "next file") this.#beginFile();
        else await this.scoreHere(piece === "end" ? undefined : piece);
        this.#beginThreads(() => gathered.look());
      }
    } finally {
      await this.#threads?.close();
    }
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

  async scoreHere(piece: Uint8Array | undefined): Promise<void> {
    const isFirst = this.#sums.flows === 0;
    const flows = this.#pieces.reader.read(piece);
    this.#bytes += piece?.length ?? 0;
    if (piece !== undefined && this.#options.threads) this.#start.add(piece, this.form(), flows.count > 0);
    if (flows.count > 0) {
      if (isFirst) this.#checkFirst(flows);
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
  }

  async #write(output: Uint8Array): Promise<void> {
    await write(this.#output, output);
    await this.#options.context?.saveInTime();
  }

  #checkFirst(flows: PipeFlows): void {
    if (flows.withColumns === 0) throw noColumns(flows, this.#scorer, this.#source);
    const lacking = this.#options.context?.encoder?.lackingInputs(flows.record(0)) ?? [];
    if (lacking.length > 0) throw noContext(lacking, this.#source);
  }

  #isForThreads(piece: Uint8Array): boolean {
    const form = this.form();
    const isWorthIt = piece.length >= PIPE_BYTES || this.#threads?.load !== "free";
    return form !== undefined && form === this.#threads?.form && isWorthIt && piece.at(-1) === LINE_FEED;
  }

  /** Has threads begin where the stream has shown to be long. */
  #beginThreads(look: () => void): void {
    const { threads, context, maxLatency, ...options } = this.#options;
    const form = this.form();
    if (threads === undefined || this.#bytes < threads.afterBytes) return;
    if (form === undefined || this.#hasBegun || !this.#start.isWhole) return;
    const { model } = threads;
    const encoder = context?.encoder;
    this.#threads ??= new PieceThreads(
      threads.count,
      { model, options, hashKey: encoder?.hashKey },
      encoder,
      this,
      this.#spare,
      look,
    );
    this.#hasBegun = true;
    void this.#threads.begin(this.#start.take(), form);
  }
}

function noContext(lacking: readonly string[], source: string): OddflowError {
  return new OddflowError(
    "COLUMNS_MISSING",
    `score: the records of ${source} lack ${lacking.join(", ")}, by which the model sees flows in their context; ` +
      "use a model for these flows, or train one with --context off",
  );
}

function noColumns(lines: PipeFlows, { ownColumns: columns }: Scorer, source: string): OddflowError {
  const found = Object.keys(lines.record(0)).slice(0, 8);
  return new OddflowError(
    "COLUMNS_MISSING",
    `score: the records of ${source} have none of the model's ${columns.length} columns (they have ${found.join(", ") || "none"}; ` +
      `the model needs ${columns.map(({ name }) => name).join(", ")}); use a model for these flows`,
  );
}

async function write(output: Writable, text: Uint8Array): Promise<void> {
  if (hasEnded(output) || output.write(text)) return;
  // What is wrong with the output is what `checkOutput` says of it.
  await once(output, "drain").catch(() => undefined);
}
