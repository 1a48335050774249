import { rulingText, ScoredJsonWriter } from "@oddflow/flow-sources";
import { SCORE_COLUMN, type ScoredRows } from "@oddflow/preprocessing";
import { NotPlainText } from "./not-plain-text.ts";
import { ShardFile, type ShardPlace } from "./shard-file.ts";
import type { TextBlock } from "./text-shard-reader.ts";

/** So many wait in memory. */
const LINES_AT_ONCE = 512;

/** Writes records as lines of JSON, with their scores behind their own fields. */
export class JsonShardWriter {
  readonly #file: ShardFile;
  readonly #writer = new ScoredJsonWriter("all");

  /** @throws OddflowError OUTPUT_UNWRITABLE, as all that writes does */
  constructor(place: ShardPlace) {
    this.#file = new ShardFile(place);
  }

  write({ bytes, spans }: TextBlock, { score, isAnomaly, rarity, rulings }: ScoredRows): void {
    for (let row = 0; row < score.length; row++) {
      const added =
        `{"${SCORE_COLUMN.score}":${jsonNumber(score[row] as number)},` +
        `"${SCORE_COLUMN.isAnomaly}":${isAnomaly[row] === 1},` +
        `"${SCORE_COLUMN.rarity}":${jsonNumber(Math.fround(rarity[row] as number))}` +
        `${rulings === undefined ? "" : `,${rulingText(rulings[row])}`}}`;
      this.#writer.append(bytes, spans[2 * row] as number, spans[2 * row + 1] as number, added, true);
      if ((row + 1) % LINES_AT_ONCE === 0) this.#flush();
    }
    this.#flush();
  }

  #flush(): void {
    this.#file.write(this.#writer.take());
  }

  /** Harmless twice. */
  close(): void {
    this.#file.close();
  }
}

/** Of this size and more JavaScript writes an exponent where DuckDB does not. */
const MOST = 1e21;

/** A number as DuckDB writes it in JSON: one without a fraction has a point all the same. */
function jsonNumber(value: number): string {
  if (!(Math.abs(value) < MOST)) throw new NotPlainText(`a score of ${value}`);
  return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : String(value);
}
