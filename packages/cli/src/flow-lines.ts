import {
  createJsonRecordEncoder,
  isSpace,
  LineFramer,
  LONGEST_LINE,
  readJsonRecord,
  skipSpace,
} from "@oddflow/flow-sources";
import {
  type ColumnSpec,
  createRecordEncoder,
  type FlowRecord,
  OddflowError,
  type RecordProblem,
  SCORE_COLUMNS,
} from "@oddflow/preprocessing";

/** Lines of JSON that have been read and encoded. They hold until the next are read. */
export interface FlowLines {
  readonly count: number;
  /** Row-major `[count, columns]`. */
  readonly flows: Float32Array;
  /** How many of the lines have one of the model's columns at least. */
  readonly withColumns: number;
  /** What holds the lines' text. */
  readonly bytes: Uint8Array;
  /** Where the text of a line is in `bytes`, without the space around it. */
  start(line: number): number;
  end(line: number): number;
  /** Whether a line has no field of an earlier scoring. */
  isNew(line: number): boolean;
  /** A line as an object. */
  record(line: number): FlowRecord;
  /** What is wrong with the line behind the last, which ends the input. */
  readonly problem: OddflowError | undefined;
}

interface EncodedLine {
  /** Where its text ends. */
  readonly end: number;
  readonly hasColumns: boolean;
  readonly isNew: boolean;
}

/** Reads lines of JSON from standard input, a record each. Blank lines are passed over. */
export class FlowLineReader {
  readonly #columns: readonly ColumnSpec[];
  readonly #framer = new LineFramer();
  readonly #plain: ReturnType<typeof createJsonRecordEncoder>;
  readonly #records: ReturnType<typeof createRecordEncoder>;
  #flows = new Float32Array();

  constructor(columns: readonly ColumnSpec[]) {
    this.#columns = columns;
    this.#plain = createJsonRecordEncoder(columns, SCORE_COLUMNS);
    this.#records = createRecordEncoder(columns);
  }

  /** The lines that end in the next piece of input; without a piece the last one, which may have no end. */
  read(piece: Uint8Array | undefined): FlowLines {
    const framer = this.#framer;
    if (piece === undefined) framer.close();
    else framer.feed(piece);
    const width = this.#columns.length;
    const places: number[] = [];
    const areNew: boolean[] = [];
    let withColumns = 0;
    let problem: OddflowError | undefined;
    while (problem === undefined) {
      const next = framer.next();
      if (next === "wait") break;
      if (next === "too long") {
        problem = invalidLine(
          framer.number,
          ` is longer than ${LONGEST_LINE} bytes; expected one flow a line`,
        );
        break;
      }
      const start = skipSpace(framer.bytes, framer.end, framer.start);
      if (start === framer.end) continue;
      const row = places.length / 2;
      this.#makeRoom(row + 1, width);
      const encoded = this.#encode(start, framer.end, row * width);
      if ("code" in encoded) problem = lineProblem(framer.number, encoded);
      else {
        if (encoded.hasColumns) withColumns++;
        places.push(start, encoded.end);
        areNew.push(encoded.isNew);
      }
    }
    const { bytes } = framer;
    return {
      count: places.length / 2,
      flows: this.#flows.subarray(0, (places.length / 2) * width),
      withColumns,
      bytes,
      start: (line) => places[2 * line] as number,
      end: (line) => places[2 * line + 1] as number,
      isNew: (line) => areNew[line] as boolean,
      record: (line) => {
        const reading = readJsonRecord(bytes.subarray(places[2 * line], places[2 * line + 1]));
        return "record" in reading ? reading.record : {};
      },
      problem,
    };
  }

  #encode(start: number, lineEnd: number, place: number): EncodedLine | RecordProblem {
    const { bytes } = this.#framer;
    const after = this.#plain.encodeText(bytes, start, lineEnd, this.#flows, place);
    if (after >= 0 && skipSpace(bytes, lineEnd, after) === lineEnd) {
      return { end: after, hasColumns: this.#plain.columnsFound > 0, isNew: !this.#plain.hasNoticed };
    }
    let end = lineEnd;
    while (isSpace(bytes[end - 1] as number)) end--;
    const reading = readJsonRecord(bytes.subarray(start, end));
    if ("problem" in reading) return reading.problem;
    const { record } = reading;
    const problem = this.#records.encodeRecord(record, this.#flows, place);
    if (problem !== undefined) return problem;
    return {
      end,
      hasColumns: this.#columns.some(({ name }) => Object.hasOwn(record, name)),
      isNew: !SCORE_COLUMNS.some((name) => Object.hasOwn(record, name)),
    };
  }

  #makeRoom(rows: number, width: number): void {
    if (rows * width <= this.#flows.length) return;
    const longer = new Float32Array(Math.max(64, 2 * rows) * width);
    longer.set(this.#flows);
    this.#flows = longer;
  }
}

function lineProblem(line: number, { code, column, found, expected }: RecordProblem): OddflowError {
  const problem =
    column !== undefined
      ? `, column "${column}": ${found} found, ${expected} expected`
      : expected === "JSON"
        ? ` is no JSON: ${found}`
        : `: ${found} found, ${expected} expected`;
  return invalidLine(line, problem, code);
}

function invalidLine(
  line: number,
  problem: string,
  code: RecordProblem["code"] = "RECORD_INVALID",
): OddflowError {
  return new OddflowError(code, `score: line ${line} of standard input${problem}`);
}
