import { rulingText } from "@oddflow/flow-sources";
import { SCORE_COLUMN, type ScoredRows } from "@oddflow/preprocessing";
import type { AnswerFormat } from "./score-request.ts";

/** The text of an answer, a record after the other: elements of an array, or lines. */
export class AnswerText {
  readonly #format: AnswerFormat;
  readonly #encoder = new TextEncoder();
  #text: string;
  #hasFirst = false;

  constructor(format: AnswerFormat) {
    this.#format = format;
    this.#text = format === "json" ? "[" : "";
  }

  /** A record's scores. */
  addScores({ score, isAnomaly, rarity, reasons, rulings }: ScoredRows, row: number): void {
    const why = reasons === undefined ? "" : `,"${SCORE_COLUMN.reasons}":${reasons[row] ?? "null"}`;
    const ruled = rulings === undefined ? "" : `,${rulingText(rulings[row])}`;
    this.#put(
      `{"${SCORE_COLUMN.score}":${score[row]},"${SCORE_COLUMN.isAnomaly}":${isAnomaly[row] === 1},` +
        `"${SCORE_COLUMN.rarity}":${rarity[row]}${why}${ruled}}`,
    );
  }

  /** What stands in a record's place instead. */
  add(answer: object): void {
    this.#put(JSON.stringify(answer));
  }

  close(): void {
    this.#text += closingOf(this.#format);
  }

  /** What was added since this was called last. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    return bytes;
  }

  #put(record: string): void {
    this.#text += inPlace(record, this.#format, this.#hasFirst);
    this.#hasFirst = true;
  }
}

/** What ends an answer of some records in another way: a last one, and what closes it. */
export function lastAnswer(answer: object, format: AnswerFormat, hasFirst: boolean): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(inPlace(JSON.stringify(answer), format, hasFirst) + closingOf(format));
}

/** A record with what stands before it or behind it. */
function inPlace(record: string, format: AnswerFormat, hasFirst: boolean): string {
  if (format === "ndjson") return `${record}\n`;
  return (hasFirst ? ",\n" : "\n") + record;
}

function closingOf(format: AnswerFormat): string {
  return format === "json" ? "\n]\n" : "";
}
