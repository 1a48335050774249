import { type Ruling, SCORE_COLUMN, type ScoredRows } from "@oddflow/preprocessing";
import type { WrittenBytes } from "./written-bytes.ts";

/** What a flow was found to be, as it is written behind it. */
export interface FlowScores {
  readonly [SCORE_COLUMN.score]: number;
  readonly [SCORE_COLUMN.isAnomaly]: boolean;
  readonly [SCORE_COLUMN.rarity]: number;
  readonly [SCORE_COLUMN.topColumns]?: readonly (string | undefined)[];
  /** JSON; null where there are none. */
  readonly [SCORE_COLUMN.reasons]?: unknown;
  /** Of the rule that decided; null where none did. */
  readonly [SCORE_COLUMN.rule]?: string | null;
  readonly [SCORE_COLUMN.ruleVerdict]?: string | null;
}

/** A row's scores. @param names the model's columns, which top columns are named by */
export function flowScores(rows: ScoredRows, row: number, names: readonly string[]): FlowScores {
  const { score, isAnomaly, rarity, top, reasons, rulings } = rows;
  return {
    [SCORE_COLUMN.score]: score[row] as number,
    [SCORE_COLUMN.isAnomaly]: isAnomaly[row] === 1,
    [SCORE_COLUMN.rarity]: rarity[row] as number,
    ...(top ? { [SCORE_COLUMN.topColumns]: topPlaces(rows, row).map((place) => names[place]) } : {}),
    ...(reasons ? { [SCORE_COLUMN.reasons]: JSON.parse(reasons[row] ?? "null") } : {}),
    ...(rulings ? rulingFields(rulings[row]) : {}),
  };
}

/** What a rule says of a flow, as it is written behind it. */
function rulingFields(ruling: Ruling | null | undefined): Pick<FlowScores, "alarm_rule" | "alarm_verdict"> {
  return {
    [SCORE_COLUMN.rule]: ruling?.rule ?? null,
    [SCORE_COLUMN.ruleVerdict]: ruling?.verdict ?? null,
  };
}

/** Writes scores as the fields of a JSON object. */
export class JsonScores {
  readonly #score: string;
  readonly #verdicts: readonly [string, string];
  readonly #topColumns: string;
  readonly #reasons: string;
  /** The names of the columns in quotes. */
  readonly #names: readonly string[];

  /** @param names the model's columns, which top columns are named by */
  constructor(names: readonly string[]) {
    const { score, isAnomaly, rarity, topColumns, reasons } = SCORE_COLUMN;
    this.#score = `"${score}":`;
    this.#verdicts = [`,"${isAnomaly}":false,"${rarity}":`, `,"${isAnomaly}":true,"${rarity}":`];
    this.#topColumns = `,"${topColumns}":[`;
    this.#reasons = `,"${reasons}":`;
    this.#names = names.map((name) => JSON.stringify(name));
  }

  /** Writes a row's, without brackets around them. */
  put(rows: ScoredRows, row: number, into: WrittenBytes): void {
    into.putAscii(this.#score);
    into.putAscii(jsonNumber(rows.score[row] as number));
    into.putAscii(this.#verdicts[rows.isAnomaly[row] === 1 ? 1 : 0] as string);
    into.putAscii(jsonNumber(rows.rarity[row] as number));
    if (rows.top !== undefined) {
      into.putAscii(this.#topColumns);
      into.putText(
        `${topPlaces(rows, row)
          .map((place) => this.#names[place])
          .join(",")}]`,
      );
    }
    if (rows.reasons !== undefined) {
      into.putAscii(this.#reasons);
      into.putText(rows.reasons[row] ?? "null");
    }
    if (rows.rulings !== undefined) into.putAscii(`,${rulingText(rows.rulings[row])}`);
  }
}

/** What a rule says of a flow, as fields of a JSON object. */
export function rulingText(ruling: Ruling | null | undefined): string {
  return JSON.stringify(rulingFields(ruling)).slice(1, -1);
}

/** The places of a row's top columns. */
function topPlaces({ score, top = new Int16Array() }: ScoredRows, row: number): number[] {
  const count = top.length / score.length;
  return [...top.subarray(row * count, (row + 1) * count)].filter((place) => place >= 0);
}

/** A number as JSON has it. `String` keeps the texts of numbers, so that they outlive a collection of garbage. */
export function jsonNumber(value: number): string {
  return JSON.stringify(value);
}
