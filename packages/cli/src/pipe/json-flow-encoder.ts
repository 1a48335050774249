import {
  createJsonRecordEncoder,
  isSpace,
  noFlowWords,
  readJsonRecord,
  skipSpace,
  withoutSampling,
} from "@oddflow/flow-sources";
import { createRecordEncoder, fieldValue, type RecordProblem, SCORE_COLUMNS } from "@oddflow/preprocessing";
import type { FlowContext, PipeEncoding } from "./pipe-reader.ts";

/** A record of JSON that is a flow, and encoded. */
export interface JsonFlow {
  /** Where its text ends. */
  readonly end: number;
  /** Whether it has a value of one of the model's columns. */
  readonly hasColumns: boolean;
  /** Whether it has no field of an earlier scoring. */
  readonly isNew: boolean;
}

/** A record that is something else, in words. */
export interface NoFlow {
  readonly noFlow: string;
}

/** Encodes records of JSON from their bytes. */
export class JsonFlowEncoder {
  /** Takes plain ones, whose context is still to be added by `endPlain`. */
  readonly plain: ReturnType<typeof createJsonRecordEncoder>;
  readonly #encoding: PipeEncoding;
  readonly #records: ReturnType<typeof createRecordEncoder>;
  /** The values that a flow's context is counted from. */
  readonly #inputs: unknown[];

  constructor(encoding: PipeEncoding) {
    const { ownColumns, context } = encoding;
    this.#encoding = encoding;
    this.plain = createJsonRecordEncoder(ownColumns, SCORE_COLUMNS, context?.inputs);
    this.#records = createRecordEncoder(ownColumns);
    this.#inputs = (context?.inputs ?? []).map(() => undefined);
  }

  /**
   * Encodes a record, an object that may have space behind it.
   * @param into row-major, written from `place` on; there is room for a row
   */
  encode(
    bytes: Uint8Array,
    start: number,
    recordEnd: number,
    into: Float32Array,
    place: number,
  ): JsonFlow | NoFlow | RecordProblem {
    const { context, ownColumns } = this.#encoding;
    const after = this.plain.encodeText(bytes, start, recordEnd, into, place);
    if (after >= 0 && skipSpace(bytes, recordEnd, after) === recordEnd) {
      return this.endPlain(bytes, start, after, into, place);
    }
    let end = recordEnd;
    while (isSpace(bytes[end - 1] as number)) end--;
    const reading = readJsonRecord(bytes.subarray(start, end));
    if ("problem" in reading) return reading.problem;
    const { record } = reading;
    const noFlow = noFlowWords(record);
    if (noFlow !== undefined) return { noFlow };
    const flow = withoutSampling(record);
    const problem =
      this.#records.encodeRecord(flow, into, place) ??
      context?.encodeRecord(flow, into, place + ownColumns.length);
    if (problem !== undefined) return problem;
    return {
      end,
      hasColumns: ownColumns.some(({ name }) => fieldValue(record, name) !== undefined),
      isNew: !SCORE_COLUMNS.some((name) => Object.hasOwn(record, name)),
    };
  }

  /** Adds the context of a record that was encoded from its bytes. */
  endPlain(
    bytes: Uint8Array,
    start: number,
    end: number,
    into: Float32Array,
    place: number,
  ): JsonFlow | RecordProblem {
    const { context, ownColumns } = this.#encoding;
    const problem =
      context && this.#addContext(context, bytes.subarray(start, end), into, place + ownColumns.length);
    if (problem !== undefined) return problem;
    return { end, hasColumns: this.plain.columnsFound > 0, isNew: !this.plain.hasNoticed };
  }

  #addContext(
    context: FlowContext,
    text: Uint8Array,
    into: Float32Array,
    place: number,
  ): RecordProblem | undefined {
    if (this.plain.readSought(this.#inputs)) return context.encodeValues(this.#inputs, into, place);
    const reading = readJsonRecord(text);
    if ("problem" in reading) return reading.problem;
    return context.encodeRecord(reading.record, into, place);
  }
}

/** What is wrong with a record, as the rest of a sentence that begins with where it is. */
export function problemText({ column, found, expected }: RecordProblem): string {
  if (column !== undefined) return `, column "${column}": ${found} found, ${expected} expected`;
  return expected === "JSON" ? ` is no JSON: ${found}` : `: ${found} found, ${expected} expected`;
}
