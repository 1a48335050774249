import type { ScoreDistribution } from "@oddflow/detector";
import { compareScores, mostChanged, type OldAndNew, type ScoreComparison } from "@oddflow/evaluation";
import type { Scorer } from "@oddflow/inference";
import { oddestScores } from "../choosing/alarms.ts";
import type { FlowColumns } from "../reading/index.ts";
import { type EncodedColumns, encodeColumns } from "../scoring/encode-columns.ts";
import { orderByScore } from "../scoring/order-by-score.ts";
import { scoreColumns } from "../scoring/score-columns.ts";
import type { ShownReason } from "../scoring/scored-flows.ts";

/** What the page knows of a second model: what thresholds are made from. */
export interface SecondSummary {
  readonly name: string;
  readonly heldBack: ScoreDistribution;
  /** As in `ScoredFlows`. */
  readonly oddest: ReadonlyMap<number, number>;
}

/** How two models are compared. */
export interface CompareRequest {
  readonly thresholds: OldAndNew<number>;
  /** The alert budget, 0 to 1: so large a share of the flows are the oddest. */
  readonly share: number;
  /** 1 for each label that is an attack's; absent without labels. */
  readonly isAttack?: Uint8Array;
}

/** A flow on which one model alone raises an alarm. */
export interface ShownChange {
  /** From 0, in the table's order. */
  readonly row: number;
  /** The share of each model's usual flows, 0 to 1, that score as high. */
  readonly rarities: OldAndNew<number>;
  /** In the order of `ScoredFlows.identifiers`. */
  readonly identifiers: readonly string[];
  /** Why it is odd to the model that raises the alarm, the strongest first. */
  readonly reasons: readonly ShownReason[];
}

/** Two models on the same flows. */
export interface ModelComparison extends ScoreComparison {
  readonly changed: OldAndNew<readonly ShownChange[]>;
}

/** As many flows of each model are shown that the other does not raise. */
const SHOWN_FLOWS = 5;

/** What a model gives a table's flows. */
export interface ModelScores {
  readonly scores: Float32Array;
  rarity(score: number): number;
  /** Of some rows. */
  reasons(rows: readonly number[]): Promise<readonly (readonly ShownReason[])[]>;
}

/** The table's rows, as a comparison tells of them. */
export interface ComparedRows {
  readonly labels: { readonly names: readonly string[]; readonly codes: Uint16Array } | undefined;
  /** 1 for rows whose alarm a rule takes away. */
  readonly suppressed: Uint8Array | undefined;
  identifiers(row: number): readonly string[];
}

/** A model beside the one that scored a table. */
export interface SecondModel {
  readonly scorer: Scorer;
  readonly encoded: EncodedColumns;
  readonly scores: Float32Array;
  readonly opened: SecondSummary;
}

/** Scores a table with a second model. @throws what `encodeColumns` throws, before anything is scored */
export async function scoreBySecond(
  table: FlowColumns,
  scorer: Scorer,
  name: string,
  onScored: (rows: number) => void,
): Promise<SecondModel> {
  const encoded = encodeColumns(table, scorer.ownColumns, scorer.context);
  const { scores } = await scoreColumns(scorer, encoded, table.rows, onScored);
  const oddest = oddestScores(scores, orderByScore(scores));
  return { scorer, encoded, scores, opened: { name, heldBack: scorer.thresholds.heldBack, oddest } };
}

/** Holds two models beside each other, as `oddflow compare` does. */
export async function compareModels(
  models: OldAndNew<ModelScores>,
  { labels, suppressed, identifiers }: ComparedRows,
  { thresholds, share, isAttack }: CompareRequest,
): Promise<ModelComparison> {
  const scores = { old: models.old.scores, new: models.new.scores };
  const rarity = { old: models.old.rarity, new: models.new.rarity };
  const known =
    labels === undefined || isAttack === undefined
      ? undefined
      : {
          isAttack: Uint8Array.from(labels.codes, (code) => isAttack[code] as number),
          attackTypes: { names: labels.names, codes: Float32Array.from(labels.codes) },
        };
  const changed = async (side: "old" | "new"): Promise<readonly ShownChange[]> => {
    const rows = mostChanged({ scores, thresholds, suppressed, rarity }, side, SHOWN_FLOWS);
    const reasons = rows.length === 0 ? [] : await models[side].reasons(rows);
    return rows.map((row, k) => ({
      row,
      rarities: { old: rarity.old(scores.old[row] as number), new: rarity.new(scores.new[row] as number) },
      identifiers: identifiers(row),
      reasons: reasons[k] ?? [],
    }));
  };
  return {
    ...compareScores({ scores, thresholds, share, labels: known, suppressed }),
    changed: { old: await changed("old"), new: await changed("new") },
  };
}
