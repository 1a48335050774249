import { trainedNormals, Verdict } from "@oddflow/detector";
import type { Scorer } from "@oddflow/inference";
import { SCORE_COLUMNS } from "@oddflow/preprocessing";
import { valueAxis } from "@oddflow/report/look";
import { MOST_BINS, timeBins } from "../charts/time-bins.ts";
import { flowRate, oddestScores } from "../choosing/alarms.ts";
import { type RankedRows, RowChoice } from "../choosing/chosen-flows.ts";
import { filterRows, frequentValues } from "../choosing/column-filter.ts";
import { exportTable } from "../exporting/export-table.ts";
import { cellText, type FlowColumns } from "../reading/index.ts";
import type { TableRules } from "../rules/table-rules.ts";
import { type ColumnUses, findColumnUses } from "./column-uses.ts";
import { type EncodedColumns, encodeColumns } from "./encode-columns.ts";
import type { JudgedFlows } from "./judged-flows.ts";
import type { FlowsQuestion, Questions, SaveQuestion } from "./messages.ts";
import { orderByScore } from "./order-by-score.ts";
import { createRests } from "./rests.ts";
import { type ColumnScores, scoreColumns, TOP_COLUMNS } from "./score-columns.ts";
import type { FlowDetails, ScoredFlows, ShownFlow, ShownReason } from "./scored-flows.ts";
import { shownReasons } from "./shown-reasons.ts";

/** As many of a column's values as are offered to choose from. */
const OFFERED_VALUES = 50;

/** A scored table in memory, and the detector that scored it. */
export class ScoredTable {
  /** The columns, without those of an earlier scoring. */
  readonly table: FlowColumns;
  readonly scorer: Scorer;
  /** What its columns are used for. */
  readonly uses: ColumnUses;
  /** Rules that are in use; undefined where there are none. */
  rules: TableRules | undefined;
  readonly #encoded: EncodedColumns;
  readonly #scored: ColumnScores;
  readonly #choice: RowChoice;

  private constructor(
    table: FlowColumns,
    scorer: Scorer,
    encoded: EncodedColumns,
    scored: ColumnScores,
    uses: ColumnUses,
    choice: RowChoice,
  ) {
    this.table = table;
    this.scorer = scorer;
    this.#encoded = encoded;
    this.#scored = scored;
    this.uses = uses;
    this.#choice = choice;
  }

  /**
   * Scores a table. Columns of an earlier scoring are left out.
   * @throws what `encodeColumns` throws, before anything is scored
   */
  static async score(
    whole: FlowColumns,
    scorer: Scorer,
    model: string,
    onScored: (rows: number) => void,
  ): Promise<{ workplace: ScoredTable; flows: Omit<ScoredFlows, "readMs" | "scoreMs"> }> {
    const names = new Set(scorer.columns.map(({ name }) => name));
    const columns = whole.columns.filter(
      ({ name }) => names.has(name) || !SCORE_COLUMNS.includes(name.toLowerCase()),
    );
    const table = { ...whole, columns };
    const encoded = encodeColumns(table, scorer.ownColumns, scorer.context);
    const scored = await scoreColumns(scorer, encoded, table.rows, onScored);
    const uses = await findColumnUses(table, names);
    const ranked = rankedRows(scored.scores, uses);
    const { time, axis, order } = ranked;
    const rate = time && flowRate(time.seconds);
    const flows = {
      table: table.name,
      ...(table.takenFor === undefined ? {} : { takenFor: table.takenFor }),
      leftOut: [...(table.leftOut ?? [])],
      rows: table.rows,
      columns: columns.map(({ name, type }) => ({ name, type, isScored: names.has(name) })),
      axis,
      oddest: oddestScores(scored.scores, order),
      ...(uses.time && time
        ? { time: { column: uses.time.column, bins: time.bins, ...(rate ? { rate } : {}) } }
        : {}),
      ...(uses.label ? { label: { column: uses.label.column, names: uses.label.names } } : {}),
      identifiers: uses.identifiers,
      model: {
        name: model,
        heldBack: scorer.thresholds.heldBack,
        columns: scorer.columns.length,
        explains: scorer.explains,
        normals: trainedNormals(scorer.training),
      },
      missing: encoded.quality.missing,
      unseen: [...encoded.quality.unseen].sort(([, a], [, b]) => b - a),
      provider: scorer.provider,
    };
    const workplace = new ScoredTable(table, scorer, encoded, scored, uses, new RowChoice(ranked));
    return { workplace, flows };
  }

  choose({ filters, range, threshold }: Questions["choose"]["question"]): Questions["choose"]["answer"] {
    const passes = filters.length === 0 ? undefined : filterRows(this.table, this.#scored.scores, filters);
    const chosen = this.#choice.choose(passes, range, this.rules?.suppressed);
    return { chosen, alarms: this.#choice.countAlarms(threshold) };
  }

  alarms(threshold: number): Questions["alarms"]["answer"] {
    return this.#choice.countAlarms(threshold);
  }

  rocAuc(isAttack: Uint8Array): number {
    return this.#choice.rocAuc(isAttack);
  }

  values(name: string): readonly string[] {
    const column = this.table.columns.find((candidate) => candidate.name === name);
    return column === undefined ? [] : frequentValues(column, OFFERED_VALUES);
  }

  async details(row: number, count: number): Promise<FlowDetails> {
    const [reasons = []] = await this.reasons([row], count);
    return {
      reasons,
      cells: this.table.columns.map((column) => [column.name, cellText(column, row)]),
    };
  }

  async flows({ first, end, reasons, threshold }: FlowsQuestion): Promise<readonly ShownFlow[]> {
    const listed = threshold === undefined ? this.#choice.rows : this.#choice.alarmRows(threshold);
    const rows = [...listed.subarray(first, end)];
    const all = await this.reasons(rows, reasons);
    const { time, label } = this.uses;
    return rows.map((row, i) => ({
      row,
      score: this.#scored.scores[row] as number,
      seconds: time?.seconds[row] ?? Number.NaN,
      label: label?.names[label.codes[row] as number] ?? "",
      identifiers: this.identifiers(row),
      reasons: all[i] ?? [],
      ruling: this.rules?.ruling(row) ?? null,
    }));
  }

  /** What the columns say that name both ends. */
  identifiers(row: number): readonly string[] {
    const columns = this.uses.identifiers.map((name) => this.table.columns.find((own) => own.name === name));
    return columns.map((column) => (column === undefined ? "" : cellText(column, row)));
  }

  /** The flows, with the alarms from a threshold on. */
  judged(threshold: number): JudgedFlows {
    const { scores, top } = this.#scored;
    const names = this.scorer.columns.map(({ name }) => name);
    const { rules } = this;
    return {
      table: this.table,
      times: this.uses.time,
      scores,
      verdict: new Verdict(threshold),
      rarity: (score) => this.scorer.thresholds.rarityOf(score),
      topColumns: (row) =>
        Array.from(top.subarray(row * TOP_COLUMNS, (row + 1) * TOP_COLUMNS), (place) => names[place]).filter(
          (name) => name !== undefined,
        ),
      ...(rules === undefined ? {} : { ruling: (row: number) => rules.ruling(row) }),
    };
  }

  save({ format, threshold, rows }: SaveQuestion): Promise<Blob> {
    const listed = rows === "alarms" ? this.#choice.alarmRows(threshold) : this.#choice.rows;
    return exportTable(
      this.judged(threshold),
      { format, ...(rows === "all" ? {} : { rows: listed.slice().sort() }) },
      createRests(),
    );
  }

  /** Why rows are odd, the strongest first; `count` of them for each. */
  reasons(rows: readonly number[], count: number): Promise<readonly (readonly ShownReason[])[]> {
    return shownReasons(this.table, this.scorer, this.#encoded, rows, count);
  }

  /** All rows that are anomalies before any rule, the oddest first. */
  oddRows(threshold: number): Uint32Array {
    return this.#choice.oddRows(threshold);
  }
}

function rankedRows(scores: Float32Array, { time, label }: ColumnUses): RankedRows {
  const bins = time && timeBins(time.seconds, MOST_BINS);
  return {
    scores,
    order: orderByScore(scores),
    axis: valueAxis(scores),
    ...(time && bins ? { time: { seconds: time.seconds, bins } } : {}),
    ...(label ? { label } : {}),
  };
}
