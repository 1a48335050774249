import {
  CUT_LINES,
  JsonItemFramer,
  type KeptFields,
  LineFramer,
  LONGEST_LINE,
  type RecordFramer,
  readJsonRecord,
  ScoredJsonWriter,
  skipSpace,
  withoutSampling,
} from "@oddflow/flow-sources";
import { OddflowError, type RecordProblem, type ScoredRows } from "@oddflow/preprocessing";
import { addCounts } from "../add-counts.ts";
import { type JsonFlow, JsonFlowEncoder, type NoFlow, problemText } from "./json-flow-encoder.ts";
import type { PipeEncoding, PipeFlows, PipeReader } from "./pipe-reader.ts";

const OPEN = 123;

/** What makes flows of records, and lines of flows. */
interface JsonCoding extends PipeEncoding {
  readonly encoder: JsonFlowEncoder;
  readonly writer: ScoredJsonWriter;
}

function codingOf(encoding: PipeEncoding, kept: KeptFields): JsonCoding {
  return {
    ...encoding,
    encoder: new JsonFlowEncoder(encoding),
    writer: new ScoredJsonWriter(
      kept,
      encoding.columns.map(({ name }) => name),
    ),
  };
}

/** Reads records of JSON, one a line or all in one list. Blank lines are passed over. */
export class JsonFlows implements PipeReader {
  readonly #source: string;
  readonly #kept: KeptFields;
  readonly #framer: RecordFramer;
  #coding: JsonCoding;
  readonly #leftOut = new Map<string, number>();
  readonly takenFor: string;
  #flows = new Float32Array();
  /** Where the text of each record begins and ends, without the space around it. */
  #places: number[] = [];
  /** Whether each has no field of an earlier scoring. */
  #areNew: boolean[] = [];

  /**
   * @param isList whether the records are the members of one list
   * @param source what is read, as messages name it
   */
  constructor(encoding: PipeEncoding, kept: KeptFields, isList: boolean, source: string) {
    this.#source = source;
    this.#kept = kept;
    this.#framer = isList ? new JsonItemFramer() : new LineFramer();
    this.takenFor = isList ? "a list of JSON records" : "JSON lines";
    this.#coding = codingOf(encoding, kept);
  }

  get leftOut(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }

  read(piece: Uint8Array | undefined): PipeFlows {
    const framer = this.#framer;
    if (piece === undefined) framer.close();
    else framer.feed(piece);
    const width = this.#coding.columns.length;
    const places: number[] = [];
    this.#places = places;
    this.#areNew = [];
    let withColumns = 0;
    let problem: OddflowError | undefined;
    while (problem === undefined) {
      const row = places.length / 2;
      this.#makeRoom(row + 1, width);
      let encoded: JsonFlow | NoFlow | RecordProblem | undefined = this.#takeLine(row * width);
      let { start } = framer;
      if (encoded === undefined) {
        const next = framer.next();
        if (next === "wait") break;
        if (next !== "record") {
          problem = this.#unframed(next);
          break;
        }
        start = skipSpace(framer.bytes, framer.end, framer.start);
        if (start === framer.end) continue;
        encoded = this.#coding.encoder.encode(framer.bytes, start, framer.end, this.#flows, row * width);
      }
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

  encodeBy(encoding: PipeEncoding): void {
    this.#coding = codingOf(encoding, this.#kept);
  }

  /** Only counts: of the next file another reader is made. */
  beginFile(): void {
    if (this.#framer.hasRest) this.#leftOut.set(CUT_LINES, 1);
  }

  write(flow: number, scores: ScoredRows): void {
    const record = {
      start: this.#places[2 * flow] as number,
      end: this.#places[2 * flow + 1] as number,
      isNew: this.#areNew[flow] as boolean,
      isLine: this.readsLines,
    };
    this.#coding.writer.appendScores(this.#framer.bytes, record, scores, flow);
  }

  take(): Uint8Array {
    return this.#coding.writer.take();
  }

  /** Takes a line that is a plain record from its first byte to its last; undefined where its end has to be looked for. */
  #takeLine(place: number): JsonFlow | RecordProblem | undefined {
    const framer = this.#framer;
    const { encoder } = this.#coding;
    const { plain } = encoder;
    if (!(framer instanceof LineFramer) || plain.metLineFeed) return undefined;
    const { ahead, bytes } = framer;
    if (ahead === undefined || bytes[ahead.start] !== OPEN) return undefined;
    const after = plain.encodeText(bytes, ahead.start, ahead.end, this.#flows, place);
    // What goes over the end of a line is no record.
    if (after < 0 || plain.metLineFeed || !framer.takeTo(after)) return undefined;
    return encoder.endPlain(bytes, ahead.start, after, this.#flows, place);
  }

  #makeRoom(rows: number, width: number): void {
    if (rows * width <= this.#flows.length) return;
    const longer = new Float32Array(Math.max(64, 2 * rows) * width);
    longer.set(this.#flows);
    this.#flows = longer;
  }

  #lineProblem(line: number, problem: RecordProblem): OddflowError {
    return this.#invalidLine(line, problemText(problem), problem.code);
  }

  /** What is wrong where the next record should be. */
  #unframed(step: "too long" | "broken"): OddflowError {
    const { number, problem } = this.#framer;
    const tooLong = ` is longer than ${LONGEST_LINE} bytes; expected one flow a line`;
    return this.#invalidLine(number, step === "broken" ? `: ${problem}; correct it` : tooLong);
  }

  #invalidLine(line: number, problem: string, code: RecordProblem["code"] = "RECORD_INVALID"): OddflowError {
    return new OddflowError(code, `score: line ${line} of ${this.#source}${problem}`);
  }
}
