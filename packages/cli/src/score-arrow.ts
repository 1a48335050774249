import type { Readable, Writable } from "node:stream";
import {
  type ArrowBatch,
  type ArrowBatchFlows,
  ArrowDictionaries,
  ArrowFault,
  ArrowFlows,
  ArrowMessages,
  type ArrowSchema,
  ArrowScores,
  arrowColumnNames,
  END_OF_STREAM,
  readBatchMessage,
  readSchema,
  ScoredArrow,
} from "@oddflow/flow-sources";
import { RowScorer, type Scorer, Verdict } from "@oddflow/inference";
import { countSuppressed, type FlowRecord, OddflowError, type RecordProblem } from "@oddflow/preprocessing";
import { type BoundRules, bindRules } from "@oddflow/rules";
import { addCounts } from "./add-counts.ts";
import { leastRows } from "./flow-blocks.ts";
import { InputQuality } from "./input-quality.ts";
import { LiveContext } from "./live-context.ts";
import { AbsentColumns, absentPlaces } from "./pipe/absent-columns.ts";
import type { StreamSummary } from "./pipe/stream-scoring.ts";
import { tellLacking } from "./read-rules.ts";
import type { ScoreStreamOptions } from "./score-stream.ts";
import { checkOutput, hasEnded, readInput, settled, watchOutput, writeBytes } from "./standard-streams.ts";

const SOURCE = "standard input";

/**
 * Scores the record batches of an Arrow IPC stream as they come, and writes each at once with the columns of scores behind its own,
 * which stay as they are byte for byte. It ends early, without an error, when nobody reads the output.
 * @param signal ends the input: whole batches that have come are scored
 * @throws OddflowError TABLE_UNREADABLE for what is no stream, or one that is cut short: whole batches before have been written;
 * COLUMNS_MISSING, COLUMN_TYPE; VALUE_NOT_A_NUMBER, which names the row and the column; OUTPUT_UNWRITABLE
 */
export async function scoreArrow(
  input: Readable,
  output: Writable,
  scorer: Scorer,
  options: Omit<ScoreStreamOptions, "threads" | "maxLatency" | "onBegun">,
  signal?: AbortSignal,
): Promise<StreamSummary> {
  const { context = await LiveContext.open(scorer, undefined) } = options;
  watchOutput(output);
  const scoring = new ArrowScoring(output, scorer, { ...options, context });
  const end = (): unknown => input.destroy();
  signal?.addEventListener("abort", end);
  if (signal?.aborted === true) end();
  try {
    await scoring.score(input, signal);
  } catch (thrown) {
    if (thrown instanceof ArrowFault) throw unreadable(thrown.message, thrown);
    // What points outside of its bytes.
    if (thrown instanceof RangeError) throw unreadable("it is damaged", thrown);
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", end);
    end();
  }
  await settled(output);
  checkOutput(output);
  return scoring.summary;
}

function unreadable(problem: string, cause: Error): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `score: ${SOURCE} cannot be read as an Arrow IPC stream: ${problem}`,
    { cause },
  );
}

/** What is known of a stream once its schema has come. */
interface OpenStream {
  readonly schema: ArrowSchema;
  readonly dictionaries: ArrowDictionaries;
  readonly flows: ArrowFlows;
  readonly writer: ScoredArrow;
  readonly rules: BoundRules | undefined;
}

class ArrowScoring {
  readonly #output: Writable;
  readonly #scorer: Scorer;
  readonly #options: ScoreStreamOptions;
  readonly #rows: RowScorer;
  readonly #quality: InputQuality;
  readonly #absent: AbsentColumns;
  readonly #suppressed = new Map<string, number>();
  readonly #messages: ArrowMessages = new ArrowMessages();
  #stream: OpenStream | undefined;
  #isEnded = false;
  #flows = 0;
  #alerts = 0;

  constructor(output: Writable, scorer: Scorer, options: ScoreStreamOptions) {
    this.#output = output;
    this.#scorer = scorer;
    this.#options = options;
    const { threshold, top, reasons = 0 } = options;
    this.#rows = new RowScorer(scorer, new Verdict(threshold), { top, reasons });
    this.#quality = new InputQuality(scorer.columns);
    this.#absent = new AbsentColumns(scorer.columns);
  }

  get summary(): StreamSummary {
    const { missing, unseen } = this.#quality;
    return {
      flows: this.#flows,
      alerts: this.#alerts,
      suppressed: this.#suppressed,
      missing,
      unseen,
      absent: this.#flows === 0 ? [] : this.#absent.names,
      takenFor: "an Arrow IPC stream",
      leftOut: new Map(),
    };
  }

  async score(input: Readable, signal: AbortSignal | undefined): Promise<void> {
    try {
      for await (const piece of readInput(input)) {
        this.#messages.feed(piece);
        await this.#takeMessages();
        if (hasEnded(this.#output)) return;
      }
    } catch (thrown) {
      if (signal?.aborted !== true) throw thrown;
    }
    // What was cut off by a signal has not come whole.
    if (signal?.aborted !== true) {
      this.#messages.close();
      await this.#takeMessages();
      if (this.#stream === undefined) {
        const found = this.#messages.isBegun ? "it ends before its schema" : "nothing has come";
        throw new ArrowFault(`${found}, and a stream begins with its schema`);
      }
    }
    if (!this.#isEnded && this.#stream !== undefined) await this.#write([END_OF_STREAM]);
  }

  async #takeMessages(): Promise<void> {
    while (!hasEnded(this.#output)) {
      const message = this.#messages.next();
      if (message === "wait") return;
      if (message === "end") {
        if (!this.#isEnded && this.#stream !== undefined) await this.#write([END_OF_STREAM]);
        this.#isEnded = true;
        return;
      }
      const { kind, metadata, body } = message;
      if (kind === "schema") await this.#open(metadata);
      else {
        const stream = this.#stream;
        if (stream === undefined)
          throw new ArrowFault("it begins without a schema; write a stream, not a file");
        if (kind === "batch") await this.#scoreBatch(stream, metadata, body);
        else {
          const id = stream.dictionaries.add(metadata, body);
          await this.#write(stream.writer.dictionary(id, metadata, body));
        }
      }
    }
  }

  async #open(metadata: Uint8Array): Promise<void> {
    if (this.#stream !== undefined) throw new ArrowFault("a second schema stands in it; write one stream");
    const { ownColumns, columns, context } = this.#scorer;
    const { fields, top, reasons = 0, rules: given } = this.#options;
    const schema = readSchema(metadata);
    const inputs = this.#options.context?.encoder?.inputs ?? [];
    const rules = given && bindRules(given, arrowColumnNames(schema));
    const encoding = { columns: ownColumns, inputs, time: context?.time, values: rules?.columns };
    const flows = new ArrowFlows(schema, encoding, SOURCE);
    const topNames = top > 0 ? columns.map(({ name }) => name) : undefined;
    const rulings = rules !== undefined;
    const writer = new ScoredArrow(schema, { kept: fields, topNames, reasons: reasons > 0, rulings });
    this.#stream = { schema, dictionaries: new ArrowDictionaries(schema), flows, writer, rules };
    tellLacking(rules?.lacking ?? []);
    await this.#write([writer.schema()]);
  }

  async #scoreBatch(stream: OpenStream, metadata: Uint8Array, body: Uint8Array): Promise<void> {
    const batch: ArrowBatch = readBatchMessage(stream.schema.fields, metadata, body);
    const { top, reasons = 0 } = this.#options;
    const { columns } = this.#scorer;
    const { rules } = stream;
    const added = { reasons: reasons > 0, rulings: rules !== undefined };
    const scores = new ArrowScores(batch.rows, top, added);
    const flows = stream.flows.open(batch, stream.dictionaries, this.#flows);
    const most = leastRows(this.#scorer);
    for (let from = 0; from < batch.rows; from += most) {
      const rows = Math.min(most, batch.rows - from);
      const own = [...flows.columns(from, rows), ...this.#contextOf(flows, from, rows)];
      const block = new Float32Array(rows * columns.length);
      this.#quality.copy(own, 0, rows, block, 0);
      const record = recordFrom(flows, from);
      const ruling = rules && ((row: number) => rules.ruling((place) => flows.value(from + row, place)));
      const scored = await this.#rows.score({ flows: block, record, ...(ruling ? { ruling } : {}) });
      scores.add(scored, from);
      addCounts(this.#suppressed, countSuppressed(scored.rulings));
      this.#alerts += scored.anomalies;
      this.#absent.keep(absentPlaces(block, columns.length));
    }
    this.#flows += batch.rows;
    await this.#write(stream.writer.batch(batch, scores));
    await this.#options.context?.saveInTime();
  }

  /** The context of rows, a column at a time; no columns where the model sees each flow alone. */
  #contextOf(flows: ArrowBatchFlows, from: number, rows: number): readonly Float32Array[] {
    const encoder = this.#options.context?.encoder;
    if (encoder === undefined) return [];
    const { width } = encoder;
    const columns = Array.from({ length: width }, () => new Float32Array(rows));
    const values: unknown[] = encoder.inputs.map(() => undefined);
    const counted = new Float32Array(width);
    for (let row = 0; row < rows; row++) {
      flows.readInputs(from + row, values);
      const problem = encoder.encodeValues(values, counted, 0);
      if (problem !== undefined) throw this.#valueProblem(from + row, problem);
      columns.forEach((column, k) => {
        column[row] = counted[k] as number;
      });
    }
    return columns;
  }

  #valueProblem(row: number, { code, column, found, expected }: RecordProblem): OddflowError {
    const place = `row ${this.#flows + row + 1} of ${SOURCE}, column "${column}"`;
    return new OddflowError(code, `score: ${place}: ${found} found, ${expected} expected`);
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) await writeBytes(this.#output, piece);
  }
}

function recordFrom(flows: ArrowBatchFlows, from: number): (row: number) => FlowRecord {
  return (row) => flows.record(from + row);
}
