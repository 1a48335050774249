import {
  CUT_LINES,
  createJsonRecordEncoder,
  type FlowScores,
  isSpace,
  JsonItemFramer,
  type KeptFields,
  LineFramer,
  LONGEST_LINE,
  noFlowWords,
  type RecordFramer,
  readJsonRecord,
  ScoredJsonWriter,
  skipSpace,
  withoutSampling,
} from "@oddflow/flow-sources";
import {
  createRecordEncoder,
  fieldValue,
  OddflowError,
  type RecordProblem,
  SCORE_COLUMNS,
} from "@oddflow/preprocessing";
import { addCounts } from "../add-counts.ts";
import type { FlowContext, PipeEncoding, PipeFlows, PipeReader } from "./pipe-reader.ts";

interface EncodedRecord {
  /** Where its text ends. */
  readonly end: number;
  readonly hasColumns: boolean;
  readonly isNew: boolean;
}

/** A record that is no flow. */
interface Event {
  readonly noFlow: string;
}

/** Reads records of JSON, one a line or all in one list. Blank lines are passed over. */
export class JsonFlows implements PipeReader {
  readonly #source: string;
  readonly #encoding: PipeEncoding;
  readonly #framer: RecordFramer;
  readonly #plain: ReturnType<typeof createJsonRecordEncoder>;
  readonly #records: ReturnType<typeof createRecordEncoder>;
  readonly #writer: ScoredJsonWriter;
  readonly #leftOut = new Map<string, number>();
  readonly takenFor: string;
  #flows = new Float32Array();
  /** The values that a flow's context is counted from. */
  readonly #inputs: unknown[];
  /** Where the text of each record begins and ends, without the space around it. */
  #places: number[] = [];
  /** Whether each has no field of an earlier scoring. */
  #areNew: boolean[] = [];

  /**
   * @param isList whether the records are the members of one list
   * @param source what is read, as messages name it
   */
  constructor(encoding: PipeEncoding, kept: KeptFields, isList: boolean, source: string) {
    const { ownColumns } = encoding;
    this.#source = source;
    this.#encoding = encoding;
    this.#framer = isList ? new JsonItemFramer() : new LineFramer();
    this.takenFor = isList ? "a list of JSON records" : "JSON lines";
    this.#plain = createJsonRecordEncoder(ownColumns, SCORE_COLUMNS, encoding.context?.inputs);
    this.#records = createRecordEncoder(ownColumns);
    this.#inputs = (encoding.context?.inputs ?? []).map(() => undefined);
    this.#writer = new ScoredJsonWriter(kept);
  }

  get leftOut(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }

  read(piece: Uint8Array | undefined): PipeFlows {
    const framer = this.#framer;
    if (piece === undefined) framer.close();
    else framer.feed(piece);
    const width = this.#encoding.columns.length;
    const places: number[] = [];
    this.#places = places;
    this.#areNew = [];
    let withColumns = 0;
    let problem: OddflowError | undefined;
    while (problem === undefined) {
      const next = framer.next();
      if (next === "wait") break;
      if (next !== "record") {
        const tooLong = ` is longer than ${LONGEST_LINE} bytes; expected one flow a line`;
        problem = this.#invalidLine(
          framer.number,
          next === "broken" ? `: ${framer.problem}; correct it` : tooLong,
        );
        break;
      }
      const start = skipSpace(framer.bytes, framer.end, framer.start);
      if (start === framer.end) continue;
      const row = places.length / 2;
      this.#makeRoom(row + 1, width);
      const encoded = this.#encode(start, framer.end, row * width);
      if ("code" in encoded) problem = this.#lineProblem(framer.number, encoded);
      else if ("noFlow" in encoded) {
        addCounts(this.#leftOut, [[encoded.noFlow, 1]]);
      } else {
        if (encoded.hasColumns) withColumns++;
        places.push(start, encoded.end);
        this.#areNew.push(encoded.isNew);
      }
    }
    const count = places.length / 2;
    const { bytes } = framer;
    return {
      count,
      flows: this.#flows.subarray(0, count * width),
      withColumns,
      record: (flow) => {
        const reading = readJsonRecord(bytes.subarray(places[2 * flow], places[2 * flow + 1]));
        return "record" in reading ? withoutSampling(reading.record) : {};
      },
      problem,
    };
  }

  get readsLines(): boolean {
    return this.#framer instanceof LineFramer;
  }

  get lineForm(): string | undefined {
    return this.readsLines && !this.#framer.hasRest ? "JSON" : undefined;
  }

  get lines(): number {
    return this.#framer.number;
  }

  passOver(lines: number, leftOut: ReadonlyMap<string, number>): void {
    if (this.#framer instanceof LineFramer) this.#framer.passOver(lines);
    addCounts(this.#leftOut, leftOut);
  }

  /** Only counts: of the next file another reader is made. */
  beginFile(): void {
    if (this.#framer.hasRest) this.#leftOut.set(CUT_LINES, 1);
  }

  write(flow: number, scores: FlowScores): void {
    const [start, end] = [this.#places[2 * flow] as number, this.#places[2 * flow + 1] as number];
    this.#writer.append(
      this.#framer.bytes,
      start,
      end,
      JSON.stringify(scores),
      this.#areNew[flow] as boolean,
    );
  }

  take(): Uint8Array {
    return this.#writer.take();
  }

  #encode(start: number, recordEnd: number, place: number): EncodedRecord | Event | RecordProblem {
    const { bytes } = this.#framer;
    const { context, ownColumns } = this.#encoding;
    const after = this.#plain.encodeText(bytes, start, recordEnd, this.#flows, place);
    if (after >= 0 && skipSpace(bytes, recordEnd, after) === recordEnd) {
      const problem = context && this.#addContext(context, start, after, place + ownColumns.length);
      if (problem !== undefined) return problem;
      return { end: after, hasColumns: this.#plain.columnsFound > 0, isNew: !this.#plain.hasNoticed };
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
      this.#records.encodeRecord(flow, this.#flows, place) ??
      context?.encodeRecord(flow, this.#flows, place + ownColumns.length);
    if (problem !== undefined) return problem;
    return {
      end,
      hasColumns: ownColumns.some(({ name }) => fieldValue(record, name) !== undefined),
      isNew: !SCORE_COLUMNS.some((name) => Object.hasOwn(record, name)),
    };
  }

  /** Of a record that was encoded from its bytes. */
  #addContext(context: FlowContext, start: number, end: number, place: number): RecordProblem | undefined {
    if (this.#plain.readSought(this.#inputs)) return context.encodeValues(this.#inputs, this.#flows, place);
    const reading = readJsonRecord(this.#framer.bytes.subarray(start, end));
    if ("problem" in reading) return reading.problem;
    return context.encodeRecord(reading.record, this.#flows, place);
  }

  #makeRoom(rows: number, width: number): void {
    if (rows * width <= this.#flows.length) return;
    const longer = new Float32Array(Math.max(64, 2 * rows) * width);
    longer.set(this.#flows);
    this.#flows = longer;
  }

  #lineProblem(line: number, { code, column, found, expected }: RecordProblem): OddflowError {
    const problem =
      column !== undefined
        ? `, column "${column}": ${found} found, ${expected} expected`
        : expected === "JSON"
          ? ` is no JSON: ${found}`
          : `: ${found} found, ${expected} expected`;
    return this.#invalidLine(line, problem, code);
  }

  #invalidLine(line: number, problem: string, code: RecordProblem["code"] = "RECORD_INVALID"): OddflowError {
    return new OddflowError(code, `score: line ${line} of ${this.#source}${problem}`);
  }
}
