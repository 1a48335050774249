import type {
  ColumnSpec,
  ContextEncoder,
  FlowRecord,
  OddflowError,
  ScoredRows,
} from "@oddflow/preprocessing";

/** Makes the columns of a flow's context, or has somebody else make them. */
export type FlowContext = Pick<ContextEncoder, "inputs" | "numbers" | "encodeRecord" | "encodeValues">;

/** What flows are encoded by. */
export interface PipeEncoding {
  readonly columns: readonly ColumnSpec[];
  /** Those that a flow has by itself, which come first. */
  readonly ownColumns: readonly ColumnSpec[];
  /** Makes the others, where there are some: in the order in which flows come. */
  readonly context: FlowContext | undefined;
}

/** Flows that have been read from a stream and encoded. They hold until the next are read. */
export interface PipeFlows {
  readonly count: number;
  /** Row-major `[count, columns]`. */
  readonly flows: Float32Array;
  /** How many of the flows have one of the model's columns at least. */
  readonly withColumns: number;
  /** A flow as an object. */
  record(flow: number): FlowRecord;
  /** What is wrong behind the last flow, which ends the input. */
  readonly problem: OddflowError | undefined;
}

/** Reads flows from a stream of bytes, standard input or a log that grows, and writes them again with their scores. */
export interface PipeReader {
  /** The flows that end in the next piece of input; without a piece the last ones, which may have no end. */
  read(piece: Uint8Array | undefined): PipeFlows;
  /**
   * Encodes what comes next for another model; what has begun and has not ended, too.
   * @throws OddflowError COLUMNS_MISSING where the rows that come lack columns of it: all stays as it was then
   */
  encodeBy(encoding: PipeEncoding): void;
  /** Says that what comes next is another file. What has begun and has not ended is left out, and counted. */
  beginFile(): void;
  /** Writes one of the flows that were read last, and what was found, a row of `scores` each, in the form that it came in. */
  write(flow: number, scores: ScoredRows): void;
  /** The bytes that were written since this was called last; they hold until the next `write`. */
  take(): Uint8Array;
  /** Whether records end with their lines, so that pieces are best cut there; true where nothing has come. */
  readonly readsLines: boolean;
  /**
   * What says how further lines are to be read: a reader that was brought to the same form reads them alike. Undefined where
   * what was read last goes on.
   */
  readonly lineForm: string | undefined;
  /** How many lines have been read. */
  readonly lines: number;
  /** Counts lines that another reader of the same form has read, and what it left out. */
  passOver(lines: number, leftOut: ReadonlyMap<string, number>): void;
  /** What the input was taken for, in words; undefined where nothing has come. */
  readonly takenFor: string | undefined;
  /** What was no flow and was left out, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
}
