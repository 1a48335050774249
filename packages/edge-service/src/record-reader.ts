import {
  createJsonRecordEncoder,
  type JsonRecordEncoder,
  noFlowWords,
  readJsonRecord,
  withoutSampling,
} from "@oddflow/flow-sources";
import type { Scorer } from "@oddflow/inference";
import {
  ContextReader,
  createRecordEncoder,
  type FlowRecord,
  fieldValue,
  type RecordEncoder,
  type RecordProblem,
} from "@oddflow/preprocessing";

import type { FlowBatch } from "./flow-batch.ts";
import type { RecordLimits } from "./limits.ts";
import { Problem } from "./problem.ts";

/** Makes batches of records of the bytes of a body, however these are cut into pieces. */
export interface RecordReader {
  /** Takes the bytes that came next. */
  feed(bytes: Uint8Array): void;
  /** Says that no more will come. */
  end(): void;
  /**
   * Moves whole records into a batch until it is full or there are no more.
   * @throws Problem when what follows cannot be read; records before it are in the batch
   */
  fill(batch: FlowBatch): void;
}

/** What records are encoded with: made once for a model. */
export interface RecordEncoders {
  /** The fields of a record that the model needs, each once. */
  readonly names: readonly string[];
  /** Of the columns that a flow has by itself, which come first in a row. */
  readonly records: RecordEncoder;
  readonly json: JsonRecordEncoder;
  readonly ownColumns: number;
  /** Of what the others are counted from, where there are some. */
  readonly context: ContextReader | undefined;
  /** Its values, of the record that `json` encoded last. */
  readonly contextValues: unknown[];
}

export function createRecordEncoders(
  { ownColumns, context: spec }: Scorer,
  hashKey: readonly [number, number] | undefined,
): RecordEncoders {
  const context = spec && hashKey && new ContextReader(spec, hashKey);
  const inputs = context?.inputs ?? [];
  return {
    names: [...new Set([...ownColumns.map(({ name }) => name), ...inputs])],
    records: createRecordEncoder(ownColumns),
    json: createJsonRecordEncoder(ownColumns, [], inputs),
    ownColumns: ownColumns.length,
    context,
    contextValues: inputs.map(() => undefined),
  };
}

export interface RecordReaderOptions {
  readonly encoders: RecordEncoders;
  readonly limits: RecordLimits;
  /** Whether batches need their records again, for reasons or rules. */
  readonly keepsOrigins: boolean;
  /** Whether CSV is read whose header lacks columns of the model. */
  readonly takesMissing: boolean;
}

/** Puts one record after another into batches. */
export class RecordWriter {
  readonly names: readonly string[];
  readonly #limits: RecordLimits;
  readonly #keepsOrigins: boolean;
  readonly #encoders: RecordEncoders;

  constructor({ encoders, limits, keepsOrigins }: RecordReaderOptions) {
    this.names = encoders.names;
    this.#encoders = encoders;
    this.#limits = limits;
    this.#keepsOrigins = keepsOrigins;
  }

  /** @throws Problem too-large for a record of which so many bytes have come */
  checkBytes(batch: FlowBatch, bytes: number): void {
    if (bytes > this.#limits.recordBytes) throw this.tooLong(batch);
  }

  /** What is said of a record that is longer than it may be. */
  tooLong(batch: FlowBatch): Problem {
    const row = batch.firstRow + batch.records;
    return new Problem(
      "too-large",
      `record ${row} has more than ${this.#limits.recordBytes} bytes; send one flow a record`,
    );
  }

  /**
   * Takes a record that is plain JSON, if it is whole: `isWhole` says so of the place where its text ends.
   * @returns where that is; -1 where nothing was taken
   */
  addPlain(
    batch: FlowBatch,
    text: Uint8Array,
    start: number,
    end: number,
    isWhole: (after: number) => boolean,
  ): number {
    this.#checkCount(batch);
    const { json, context, contextValues } = this.#encoders;
    const place = batch.nextPlace();
    const after = json.encodeText(text, start, end, batch.flows, place);
    if (after < 0 || !isWhole(after)) return -1;
    if (context === undefined) batch.hasColumns ||= json.columnsFound > 0;
    else {
      // What is wrong with them is said where the text is read as a record.
      if (!json.readSought(contextValues) || context.read(contextValues) !== undefined) return -1;
      batch.keepContext(context.flow);
      batch.hasColumns ||= context.hadFields;
    }
    batch.rows++;
    if (this.#keepsOrigins) batch.origins.push(text.slice(start, after));
    return after;
  }

  /** Takes the JSON text of a record, or what should be one. */
  addText(batch: FlowBatch, bytes: Uint8Array, line?: number): void {
    const reading = readJsonRecord(bytes);
    if ("problem" in reading) {
      batch.reject(reading.problem, line);
      return;
    }
    const noFlow = noFlowWords(reading.record);
    if (noFlow === undefined) this.addRecord(batch, withoutSampling(reading.record), line);
    else batch.rejectEvent(noFlow, line);
  }

  addRecord(batch: FlowBatch, record: FlowRecord, line?: number): void {
    this.#checkCount(batch);
    const place = batch.nextPlace();
    const problem =
      this.#encoders.records.encodeRecord(record, batch.flows, place) ?? this.#addContext(batch, record);
    if (problem !== undefined) {
      batch.reject(problem, line);
      return;
    }
    batch.hasColumns ||= this.#hasColumns(record);
    batch.rows++;
    if (this.#keepsOrigins) batch.origins.push(record);
  }

  /** Keeps what the record's context is counted from. */
  #addContext(batch: FlowBatch, record: FlowRecord): RecordProblem | undefined {
    const { context } = this.#encoders;
    const problem = context?.readRecord(record);
    if (context !== undefined && problem === undefined) batch.keepContext(context.flow);
    return problem;
  }

  /** Whether the record that was added last is one of flows that the model is for. */
  #hasColumns(record: FlowRecord): boolean {
    if (this.#encoders.context?.hadFields === false) return false;
    return this.names.some((name) => fieldValue(record, name) !== undefined);
  }

  #checkCount(batch: FlowBatch): void {
    const { records } = this.#limits;
    if (batch.firstRow + batch.records < records) return;
    throw new Problem("too-large", `there are more than ${records} records; send them in parts`);
  }
}
