import { endianness } from "node:os";
import { gzipSync } from "node:zlib";
import type { Ruling, ScoredRows } from "@oddflow/preprocessing";
import type { AddedScores } from "../scored-batch.ts";
import {
  dataPage,
  dictionaryIndexes,
  ENCODING,
  type Page,
  packedLevels,
  plainBits,
  plainTexts,
  sameLevels,
} from "./page-encoding.ts";

/** A page of a score column. It can go from process to process. */
export interface ScorePage extends Page {
  /** How many values, nulls and empty lists included. */
  readonly values: number;
  /** The smallest and the largest value, where they are numbers other than NaN. */
  readonly range?: readonly [least: number, most: number];
}

/** The scores of some rows, as pages: one for each column of `addedColumns`, in its order. */
export interface ScorePages {
  readonly rows: number;
  readonly pages: readonly ScorePage[];
}

/** Values are there (1) or null (0). */
const PRESENT = 1;

/** A list is there and has a text: list, place, text. */
const IN_LIST = 3;

/** A list is there and has none. */
const EMPTY_LIST = 1;

/** Gathers the scores of up to `rows` rows of one row group. */
export class ScorePageBuilder {
  readonly #score: Float32Array;
  readonly #isAnomaly: Uint8Array;
  readonly #rarity: Float32Array;
  readonly #topNames: number;
  readonly #topCount: number;
  readonly #top: Int16Array;
  readonly #reasons: (string | null)[] | undefined;
  readonly #rulings: (Ruling | null)[] | undefined;
  #rows = 0;

  /** @param topNames how many names there are */
  constructor(rows: number, { topCount, reasons, rules }: AddedScores, topNames = 0) {
    this.#score = new Float32Array(rows);
    this.#isAnomaly = new Uint8Array(rows);
    this.#rarity = new Float32Array(rows);
    this.#topNames = topNames;
    this.#topCount = topCount;
    this.#top = new Int16Array(rows * this.#topCount);
    this.#reasons = reasons ? [] : undefined;
    this.#rulings = rules ? [] : undefined;
  }

  /** How many more rows it takes. */
  get space(): number {
    return this.#score.length - this.#rows;
  }

  /** Copies the scores of the next rows. */
  add({ score, isAnomaly, rarity, top, reasons, rulings }: ScoredRows): void {
    this.#score.set(score, this.#rows);
    this.#isAnomaly.set(isAnomaly, this.#rows);
    this.#rarity.set(rarity, this.#rows);
    if (top !== undefined) this.#top.set(top, this.#rows * this.#topCount);
    for (const reason of reasons ?? []) this.#reasons?.push(reason);
    for (const ruling of rulings ?? []) this.#rulings?.push(ruling);
    this.#rows += score.length;
  }

  /** The pages of all rows that were added. */
  finish(): ScorePages {
    const rows = this.#rows;
    return {
      rows,
      pages: [
        floatPage(this.#score.subarray(0, rows)),
        flagPage(this.#isAnomaly.subarray(0, rows)),
        floatPage(this.#rarity.subarray(0, rows)),
        ...(this.#topCount > 0
          ? [listPage(this.#top.subarray(0, rows * this.#topCount), this.#topCount, this.#topNames)]
          : []),
        ...(this.#reasons ? [textPage(this.#reasons)] : []),
        ...rulingPages(this.#rulings),
      ],
    };
  }
}

function floatPage(values: Float32Array): ScorePage {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const content = Buffer.concat([sameLevels(PRESENT, values.length), littleEndian(values)]);
  const page = { ...dataPage(values.length, ENCODING.plain, content), values: values.length };
  return least <= most ? { ...page, range: [least, most] } : page;
}

export function flagPage(flags: Uint8Array): ScorePage {
  const content = Buffer.concat([sameLevels(PRESENT, flags.length), plainBits(flags)]);
  return { ...dataPage(flags.length, ENCODING.plain, content), values: flags.length };
}

/** Row-major `[rows, count]` positions of names, -1 for none. */
function listPage(top: Int16Array, count: number, names: number): ScorePage {
  const repetition = new Uint8Array(top.length);
  const definition = new Uint8Array(top.length);
  const indexes = new Uint16Array(top.length);
  let [values, named] = [0, 0];
  for (let first = 0; first < top.length; first += count) {
    const before = named;
    for (let k = first; k < first + count; k++) {
      const place = top[k] as number;
      if (place < 0) continue;
      repetition[values] = named > before ? 1 : 0;
      definition[values++] = IN_LIST;
      indexes[named++] = place;
    }
    if (named === before) definition[values++] = EMPTY_LIST;
  }
  const content = Buffer.concat([
    packedLevels(repetition.subarray(0, values), 1),
    packedLevels(definition.subarray(0, values), 2),
    dictionaryIndexes(indexes.subarray(0, named), names),
  ]);
  return { ...dataPage(values, ENCODING.dictionary, content), values };
}

/** Pages of what was decided: rules, and their verdicts. */
export function rulingPages(rulings: readonly (Ruling | null)[] | undefined): readonly ScorePage[] {
  if (rulings === undefined) return [];
  return [
    textPage(rulings.map((ruling) => ruling?.rule ?? null)),
    textPage(rulings.map((ruling) => ruling?.verdict ?? null)),
  ];
}

/** Texts are long and alike, so they are packed. */
function textPage(texts: readonly (string | null)[]): ScorePage {
  const levels = Uint8Array.from(texts, (text) => (text === null ? 0 : PRESENT));
  const content = Buffer.concat([packedLevels(levels, 1), plainTexts(texts.filter((text) => text !== null))]);
  const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes);
  return { ...dataPage(texts.length, ENCODING.plain, content, gzip), values: texts.length };
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return endianness() === "LE" ? bytes : Buffer.from(bytes).swap32();
}
