import type { KeptFields } from "@oddflow/flow-sources";
import { RowScorer, type Scorer, Verdict } from "@oddflow/inference";
import { countSuppressed, reportFlows } from "@oddflow/preprocessing";
import { RecordRules, type RuleSet } from "@oddflow/rules";
import { absentPlaces } from "./absent-columns.ts";
import { openPipe } from "./open-pipe.ts";
import type { FlowContext, PipeFlows, PipeReader } from "./pipe-reader.ts";

/** How flows of a stream are scored and written. It can go from thread to thread. */
export interface PieceOptions {
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** How many reasons to give for each anomaly; none where it is absent. */
  readonly reasons?: number;
  readonly fields: KeptFields;
  /** What is said of alarms; absent where there are no rules. */
  readonly rules?: RuleSet | undefined;
}

/** What was scored. */
export interface FlowCounts {
  readonly flows: number;
  /** Without those that rules take away. */
  readonly alerts: number;
  /** How many alarms each rule took away, by its id. */
  readonly suppressed: ReadonlyMap<string, number>;
  readonly missing: number;
  readonly unseen: ReadonlyMap<string, number>;
  /** Places of the model's columns that no flow had a value of. */
  readonly absent: readonly number[];
}

/** Flows that were scored, and the bytes that say so. */
export interface ScoredPiece {
  /** The caller's. */
  readonly output: Uint8Array<ArrayBuffer>;
  readonly counts: FlowCounts;
}

/** Reads the flows of a stream's pieces, scores them, and writes them in the form that they came in. */
export class PieceScorer {
  readonly reader: PipeReader;
  #columns: Scorer["columns"];
  #rows: RowScorer;
  #rules: RecordRules | undefined;

  /** @param source what the pieces are of, as messages name it */
  constructor(scorer: Scorer, options: PieceOptions, context: FlowContext | undefined, source: string) {
    const { columns, ownColumns } = scorer;
    this.reader = openPipe({ columns, ownColumns, context }, options.fields, source);
    this.#columns = columns;
    this.#rows = rowScorer(scorer, options);
    this.changeRules(options.rules);
  }

  /** Has rules act on what is scored from now on. */
  changeRules(rules: RuleSet | undefined): void {
    this.#rules = rules && new RecordRules(rules);
  }

  /** Has what is read from now on scored by another model. @throws what `PipeReader.encodeBy` throws */
  changeModel(scorer: Scorer, options: PieceOptions, context: FlowContext | undefined): void {
    const { columns, ownColumns } = scorer;
    this.reader.encodeBy({ columns, ownColumns, context });
    this.#columns = columns;
    this.#rows = rowScorer(scorer, options);
  }

  /** Scores the flows that were read last. @throws what `RowScorer.score` throws */
  async score(flows: PipeFlows): Promise<ScoredPiece> {
    const rules = this.#rules;
    const ruling = rules && ((flow: number) => rules.ruling(flows.record(flow)));
    const rows = await this.#rows.score(ruling ? { ...flows, ruling } : flows);
    for (let flow = 0; flow < flows.count; flow++) this.reader.write(flow, rows);
    return {
      output: this.reader.take().slice(),
      counts: flowCounts(flows.flows, this.#columns, rows.anomalies, countSuppressed(rows.rulings)),
    };
  }

  /** Gives the next flow its number in the stream, which messages name it by. */
  goTo(flow: number): void {
    this.#rows.goTo(flow);
  }
}

function rowScorer(scorer: Scorer, { threshold, top, reasons = 0 }: PieceOptions): RowScorer {
  return new RowScorer(scorer, new Verdict(threshold), { top, reasons });
}

/** @param flows row-major, of all columns */
export function flowCounts(
  flows: Float32Array,
  columns: Scorer["columns"],
  alerts: number,
  suppressed: ReadonlyMap<string, number>,
): FlowCounts {
  const { missing, unseen } = reportFlows(flows, columns);
  const width = columns.length;
  const absent = absentPlaces(flows, width);
  return { flows: flows.length / width, alerts, suppressed, missing, unseen, absent };
}
