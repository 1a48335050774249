import { describeSeen, type Scorer, seenValue } from "@oddflow/inference";
import { type FlowRecord, OddflowError } from "@oddflow/preprocessing";
import { valueAxis } from "@oddflow/report/look";
import { type ColumnFilter, filterRows, frequentValues } from "../choosing/column-filter.ts";
import { type ExportRequest, exportTable } from "../exporting/export-table.ts";
import { REPLACED_COLUMNS } from "../exporting/scored-rows.ts";
import { cellText, cellValue, type FlowColumns } from "../reading/index.ts";
import { findColumnUses } from "./column-uses.ts";
import { encodeColumns } from "./encode-columns.ts";
import { type ColumnScores, orderByScore, scoreColumns, TOP_COLUMNS } from "./score-columns.ts";
import type { FlowReason, ScoredFlows, ShownFlow } from "./scored-flows.ts";

/** As many of a column's values as are offered to choose from. */
const OFFERED_VALUES = 50;

/** A scored table in memory, and the detector that scored it. */
export class Workplace {
  readonly #table: FlowColumns;
  readonly #scorer: Scorer;
  readonly #scored: ColumnScores;
  readonly #identifiers: readonly string[];
  readonly #explains: boolean;

  private constructor(
    table: FlowColumns,
    scorer: Scorer,
    scored: ColumnScores,
    identifiers: readonly string[],
    explains: boolean,
  ) {
    this.#table = table;
    this.#scorer = scorer;
    this.#scored = scored;
    this.#identifiers = identifiers;
    this.#explains = explains;
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
  ): Promise<{ workplace: Workplace; flows: Omit<ScoredFlows, "readMs" | "scoreMs"> }> {
    const names = new Set(scorer.columns.map(({ name }) => name));
    const columns = whole.columns.filter(
      ({ name }) => names.has(name) || !REPLACED_COLUMNS.includes(name.toLowerCase()),
    );
    const table = { ...whole, columns };
    const encoded = encodeColumns(table, scorer.columns);
    const scored = await scoreColumns(scorer, encoded, table.rows, onScored);
    const explains = await canExplain(scorer);
    const uses = await findColumnUses(table, names);
    const flows = {
      table: table.name,
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
        explains,
      },
      missing: encoded.quality.missing,
      unseen: [...encoded.quality.unseen].sort(([, a], [, b]) => b - a),
      provider: scorer.provider,
    };
    return { workplace: new Workplace(table, scorer, scored, uses.identifiers, explains), flows };
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
        threshold: request.threshold,
        rarity: (score) => this.#scorer.thresholds.shareAbove(score),
        topColumns: (row) =>
          Array.from(
            top.subarray(row * TOP_COLUMNS, (row + 1) * TOP_COLUMNS),
            (place) => names[place],
          ).filter((name) => name !== undefined),
      },
      request,
    );
  }

  async #reasons(rows: readonly number[], count: number): Promise<readonly (readonly FlowReason[])[]> {
    const records = this.#records(rows);
    if (this.#explains) {
      const explained = await this.#scorer.explain(records, { top: count });
      return explained.map(({ reasons }) =>
        reasons.map(({ name, share, text }) => ({ column: name, share, text })),
      );
    }
    // A model that does not tell what it expects: the value that was seen, alone.
    const { columns } = this.#scorer;
    const { errors = new Float32Array() } = await this.#scorer.score(records, { errors: true });
    const flows = new Float32Array(rows.length * columns.length);
    const encoded = encodeColumns(this.#table, columns);
    rows.forEach((row, i) => {
      encoded.encode(row, row + 1, flows.subarray(i * columns.length));
    });
    return rows.map((_, i) => {
      const own = errors.subarray(i * columns.length, (i + 1) * columns.length);
      const sum = own.reduce((total, error) => total + error, 0) || 1;
      return columns
        .map((column, k) => {
          const seen = seenValue(column, flows[i * columns.length + k] as number, records[i]);
          return { column: column.name, share: (own[k] as number) / sum, text: describeSeen(column, seen) };
        })
        .sort((a, b) => b.share - a.share)
        .slice(0, count);
    });
  }

  #records(rows: readonly number[]): readonly FlowRecord[] {
    const names = new Set(this.#scorer.columns.map(({ name }) => name));
    const columns = this.#table.columns.filter(({ name }) => names.has(name));
    return rows.map((row) =>
      Object.fromEntries(columns.map((column) => [column.name, cellValue(column, row)])),
    );
  }
}

async function canExplain(scorer: Scorer): Promise<boolean> {
  try {
    await scorer.explain([], { top: 1 });
    return true;
  } catch (error) {
    if (error instanceof OddflowError && error.code === "MODEL_INVALID") return false;
    throw error;
  }
}
