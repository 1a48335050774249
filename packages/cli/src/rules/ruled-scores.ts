import type { ScoredBlock } from "@oddflow/inference";
import { isSuppressed, type Ruling } from "@oddflow/preprocessing";
import type { BoundRules } from "@oddflow/rules";
import type { FlowTable } from "@oddflow/tables";
import { addCounts } from "../add-counts.ts";

/** What rules say of scored flows. */
export class RuledScores {
  /** One per flow: 1 where a rule takes the alarm away that a threshold raises. */
  readonly suppressed: Uint8Array;
  /** How many alarms at the threshold in use each rule takes away. */
  readonly hidden: Map<string, number> = new Map();
  readonly #inUse: number;
  readonly #lowest: number;

  /** @param thresholds the one in use first */
  constructor(flows: number, thresholds: readonly number[]) {
    this.suppressed = new Uint8Array(flows);
    this.#inUse = thresholds[0] as number;
    this.#lowest = Math.min(...thresholds);
  }

  /** Asks of a block's flows, as they were scored. */
  askBlock({ block, firstRow, score, rulings }: ScoredBlock): void {
    for (const [row, own] of score.entries())
      this.ask(firstRow + row, own, () => rulings?.[row] ?? block.ruling?.(row));
  }

  /** Asks what rules say of a flow, where its score reaches a threshold. */
  ask(row: number, score: number, ask: () => Ruling | undefined): Ruling | null {
    if (score < this.#lowest) return null;
    const ruling = ask() ?? null;
    if (ruling === null || !isSuppressed(ruling)) return ruling;
    this.suppressed[row] = 1;
    if (score >= this.#inUse) addCounts(this.hidden, [[ruling.rule, 1]]);
    return ruling;
  }
}

/**
 * Asks rules of some of a table's flows, in the table's order.
 * @param rows the row of each flow in the table
 * @returns what they say of each, in the order of `rows`
 */
export async function tableRulings(
  table: FlowTable,
  rules: BoundRules,
  { rows, scores }: { readonly rows: Uint32Array; readonly scores: Float32Array },
  ruled: RuledScores,
): Promise<(Ruling | null)[]> {
  const rulings = new Array<Ruling | null>(rows.length).fill(null);
  const order = rows.map((_, flow) => flow).sort((a, b) => (rows[a] as number) - (rows[b] as number));
  // Every rule asks for some column, so these match nothing; and a scan of no column is none.
  if (rules.columns.length === 0) return rulings;
  let next = 0;
  let first = 0;
  for await (const batch of table.scan([], { values: rules.columns })) {
    for (; next < order.length; next++) {
      const flow = order[next] as number;
      const row = (rows[flow] as number) - first;
      if (row >= batch.rows) break;
      rulings[flow] = ruled.ask(flow, scores[flow] as number, () =>
        rules.ruling((place) => batch.value(row, place)),
      );
    }
    first += batch.rows;
  }
  return rulings;
}
