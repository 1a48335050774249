import { trainedNormals, Verdict } from "@oddflow/detector";
import { flowReasons, type Scorer } from "@oddflow/inference";
import { type FlowRecord, SCORE_COLUMNS } from "@oddflow/preprocessing";
import { valueAxis } from "@oddflow/report/look";
import { type ColumnFilter, filterRows, frequentValues } from "../choosing/column-filter.ts";
import { type ExportRequest, exportTable } from "../exporting/export-table.ts";
import { cellText, cellValue, type FlowColumns } from "../reading/index.ts";
import { findColumnUses } from "./column-uses.ts";
import { type EncodedColumns, encodeColumns } from "./encode-columns.ts";
import { type ColumnScores, orderByScore, scoreColumns, TOP_COLUMNS } from "./score-columns.ts";
import type { ScoredFlows, ShownFlow, ShownReason } from "./scored-flows.ts";

/** As many of a column's values as are offered to choose from. */
const OFFERED_VALUES = 50;

/** A scored table in memory, and the detector that scored it. */
export class ScoredTable {
  readonly #table: FlowColumns;
  readonly #scorer: Scorer;
  readonly #encoded: EncodedColumns;
  readonly #scored: ColumnScores;
  readonly #identifiers: readonly string[];

  private constructor(
    table: FlowColumns,
    scorer: Scorer,
    encoded: EncodedColumns,
    scored: ColumnScores,
    identifiers: readonly string[],
  ) {
    this.#table = table;
    this.#scorer = scorer;
    this.#encoded = encoded;
    this.#scored = scored;
    this.#identifiers = identifiers;
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
    const flows = {
      table: table.name,
      ...(table.takenFor === undefined ? {} : { takenFor: table.takenFor }),
      leftOut: [...(table.leftOut ?? [])],
      rows: table.rows,
      columns: columns.map(({ name, type }) => ({ name, type, isScored: names.has(name) })),
      scores: scored.scores.slice(),
      order: orderByScore(scored.scores),
      axis: valueAxis(scored.scores),
      ...uses,
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
    return { workplace: new ScoredTable(table, scorer, encoded, scored, uses.identifiers), flows };
  }

  filter(filters: readonly ColumnFilter[]): Uint8Array {
    return filterRows(this.#table, this.#scored.scores, filters);
  }

  values(name: string): readonly string[] {
    const column = this.#table.columns.find((candidate) => candidate.name === name);
    return column === undefined ? [] : frequentValues(column, OFFERED_VALUES);
  }

  cells(row: number): readonly (readonly [string, string])[] {
    return this.#table.columns.map((column) => [column.name, cellText(column, row)]);
  }

  async flows(rows: readonly number[], reasons: number): Promise<readonly ShownFlow[]> {
    const all = await this.#reasons(rows, reasons);
    const columns = this.#identifiers.map((name) =>
      this.#table.columns.find((column) => column.name === name),
    );
    return rows.map((row, i) => ({
      row,
      identifiers: columns.map((column) => (column === undefined ? "" : cellText(column, row))),
      reasons: all[i] ?? [],
    }));
  }

  export(request: ExportRequest): Blob {
    const { scores, top } = this.#scored;
    const names = this.#scorer.columns.map(({ name }) => name);
    return exportTable(
      {
        table: this.#table,
        scores,
        verdict: new Verdict(request.threshold),
        rarity: (score) => this.#scorer.thresholds.rarityOf(score),
        topColumns: (row) =>
          Array.from(
            top.subarray(row * TOP_COLUMNS, (row + 1) * TOP_COLUMNS),
            (place) => names[place],
          ).filter((name) => name !== undefined),
      },
      request,
    );
  }

  async #reasons(rows: readonly number[], count: number): Promise<readonly (readonly ShownReason[])[]> {
    const { columns } = this.#scorer;
    const flows = new Float32Array(rows.length * columns.length);
    rows.forEach((row, i) => {
      this.#encoded.encode(row, row + 1, flows.subarray(i * columns.length));
    });
    const reasons = await flowReasons(this.#scorer, flows, count, this.#records(rows));
    return reasons.map((own) => own.map(({ name, share, text }) => ({ column: name, share, text })));
  }

  #records(rows: readonly number[]): readonly FlowRecord[] {
    const names = new Set(this.#scorer.columns.map(({ name }) => name));
    const columns = this.#table.columns.filter(({ name }) => names.has(name));
    return rows.map((row) =>
      Object.fromEntries(columns.map((column) => [column.name, cellValue(column, row)])),
    );
  }
}
