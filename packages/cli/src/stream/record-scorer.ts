import { readJsonRecord, ScoredJsonWriter, skipSpace, withoutSampling } from "@oddflow/flow-sources";
import { RowScorer, type ScoredBlock, type Scorer, Verdict } from "@oddflow/inference";
import { countSuppressed, type FlowRecord } from "@oddflow/preprocessing";
import { RecordRules } from "@oddflow/rules";
import type { JoinedValues } from "@oddflow/stream";
import { JsonFlowEncoder, problemText } from "../pipe/json-flow-encoder.ts";
import { type FlowCounts, flowCounts, type PieceOptions } from "../pipe/piece-scorer.ts";
import type { FlowContext } from "../pipe/pipe-reader.ts";
import type { ScoredRecords } from "./record-orders.ts";

const LINE_FEED = 10;

/** Records that have been read and encoded. */
interface ReadRecords {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly records: number;
  /** The flows among them: their records' numbers, where each begins and ends, and whether it has no field of an earlier scoring. */
  readonly numbers: readonly number[];
  readonly places: readonly (readonly [start: number, end: number, isNew: boolean])[];
  /** Row-major `[flows, columns]`. */
  readonly flows: Float32Array;
  /** Why records are put aside, by their number. */
  readonly reasons: ReadonlyMap<number, string>;
  /** What those are that are no flows, by their number. */
  readonly leftOut: ReadonlyMap<number, string>;
}

/** Scores records, an object of JSON each, and says of each what is written of it, or why it is put aside. */
export class RecordScorer {
  readonly #columns: Scorer["columns"];
  readonly #ownColumns: number;
  readonly #encoder: JsonFlowEncoder;
  readonly #rows: RowScorer;
  readonly #writer: ScoredJsonWriter;
  readonly #rules: RecordRules | undefined;

  constructor(
    scorer: Scorer,
    { fields, threshold, top, reasons = 0, rules }: PieceOptions,
    context: FlowContext | undefined,
  ) {
    const { columns, ownColumns } = scorer;
    this.#columns = columns;
    this.#ownColumns = ownColumns.length;
    this.#encoder = new JsonFlowEncoder({ columns, ownColumns, context });
    this.#rows = new RowScorer(scorer, new Verdict(threshold), { top, reasons });
    this.#writer = new ScoredJsonWriter(
      fields,
      columns.map(({ name }) => name),
    );
    this.#rules = rules && new RecordRules(rules);
  }

  read({ bytes, ends }: JoinedValues): ReadRecords {
    const width = this.#columns.length;
    const flows = new Float32Array(ends.length * width);
    const numbers: number[] = [];
    const places: [number, number, boolean][] = [];
    const [reasons, leftOut] = [new Map<number, string>(), new Map<number, string>()];
    for (const [number, end] of ends.entries()) {
      const start = skipSpace(bytes, end, ends[number - 1] ?? 0);
      if (start === end) {
        reasons.set(number, "its value is empty");
        continue;
      }
      const encoded = this.#encoder.encode(bytes, start, end, flows, places.length * width);
      if ("code" in encoded) reasons.set(number, `the record${problemText(encoded)}`);
      else if ("noFlow" in encoded) leftOut.set(number, encoded.noFlow);
      else {
        // Scored all the same where it has no column of the model's, since it is among those whose context is counted.
        if (!encoded.hasColumns) reasons.set(number, "the record has none of the model's columns");
        numbers.push(number);
        places.push([start, encoded.end, encoded.isNew]);
      }
    }
    return {
      bytes,
      records: ends.length,
      numbers,
      places,
      flows: flows.subarray(0, places.length * width),
      reasons,
      leftOut,
    };
  }

  /** Puts the context of flows, row-major, behind the columns that they have by themselves. */
  addContext({ flows, places }: ReadRecords, context: Float32Array): void {
    const width = this.#columns.length;
    const added = width - this.#ownColumns;
    for (let flow = 0; flow < places.length; flow++) {
      for (let k = 0; k < added; k++)
        flows[flow * width + this.#ownColumns + k] = context[flow * added + k] as number;
    }
  }

  /** @throws what `RowScorer.score` throws */
  async score({
    bytes,
    records,
    numbers,
    places,
    flows,
    reasons,
    leftOut,
  }: ReadRecords): Promise<ScoredRecords> {
    const rules = this.#rules;
    const record = (flow: number): FlowRecord => recordOf(bytes, places[flow]);
    const ruling = rules && ((flow: number) => rules.ruling(record(flow)));
    const rows = await this.#rows.score({ flows, record, ...(ruling ? { ruling } : {}) });
    for (const [flow, [start, end, isNew]] of places.entries())
      this.#writer.appendScores(bytes, { start, end, isNew, isLine: false }, rows, flow);
    const lines = this.#writer.take();
    // The records are read by now: their memory is used again.
    const hasRoom = bytes.buffer.byteLength >= lines.length;
    const written = hasRoom ? new Uint8Array(bytes.buffer) : new Uint8Array(lines.length);
    const ends = new Uint32Array(records);
    let [from, to, flow] = [0, 0, 0];
    for (let number = 0; number < records; number++) {
      if (numbers[flow] === number) {
        const lineEnd = lines.indexOf(LINE_FEED, from);
        if (!reasons.has(number)) {
          written.set(lines.subarray(from, lineEnd), to);
          to += lineEnd - from;
        }
        from = lineEnd + 1;
        flow++;
      }
      ends[number] = to;
    }
    return {
      kind: "scored",
      written: { bytes: written.subarray(0, to), ends },
      reasons,
      leftOut,
      counts: this.#counts(
        flows,
        rows,
        numbers.map((number) => !reasons.has(number)),
      ),
    };
  }

  /** Counts the flows that are written. */
  #counts(
    flows: Float32Array,
    { isAnomaly, rulings }: Pick<ScoredBlock, "isAnomaly" | "rulings">,
    isWritten: readonly boolean[],
  ): FlowCounts {
    const width = this.#columns.length;
    const written = isWritten.flatMap((is, flow) => (is ? [flow] : []));
    const alerts = written.reduce((sum, flow) => sum + (isAnomaly[flow] as number), 0);
    const suppressed = countSuppressed(rulings && written.map((flow) => rulings[flow] ?? null));
    if (written.length === isWritten.length) return flowCounts(flows, this.#columns, alerts, suppressed);
    const own = new Float32Array(written.length * width);
    for (const [place, flow] of written.entries())
      own.set(flows.subarray(flow * width, (flow + 1) * width), place * width);
    return flowCounts(own, this.#columns, alerts, suppressed);
  }
}

function recordOf(bytes: Uint8Array, place: ReadRecords["places"][number] | undefined): FlowRecord {
  const reading = place && readJsonRecord(bytes.subarray(place[0], place[1]));
  return reading !== undefined && "record" in reading ? withoutSampling(reading.record) : {};
}
