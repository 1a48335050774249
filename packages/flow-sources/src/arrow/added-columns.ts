import type { Ruling, ScoredRows } from "@oddflow/preprocessing";

/** A batch's scores, gathered from the blocks that go through the model. */
export class ArrowScores {
  readonly rows: number;
  readonly score: Float32Array;
  readonly isAnomaly: Uint8Array;
  readonly rarity: Float32Array;
  /** `[rows, top]`, row-major; -1 for none. */
  readonly top: Int16Array;
  readonly topCount: number;
  readonly reasons: (string | null)[] | undefined;
  readonly rulings: (Ruling | null)[] | undefined;

  constructor(
    rows: number,
    topCount: number,
    added: { readonly reasons: boolean; readonly rulings: boolean },
  ) {
    this.rows = rows;
    this.topCount = topCount;
    this.score = new Float32Array(rows);
    // A bit a row.
    this.isAnomaly = new Uint8Array(Math.ceil(rows / 8));
    this.rarity = new Float32Array(rows);
    this.top = new Int16Array(rows * topCount);
    this.reasons = added.reasons ? [] : undefined;
    this.rulings = added.rulings ? [] : undefined;
  }

  /** @param from the row of the batch that the first of them is */
  add({ score, isAnomaly, rarity, top, reasons, rulings }: ScoredRows, from: number): void {
    this.score.set(score, from);
    this.rarity.set(rarity, from);
    for (let row = 0; row < score.length; row++) {
      const at = from + row;
      if (isAnomaly[row] === 1)
        this.isAnomaly[at >> 3] = (this.isAnomaly[at >> 3] as number) | (1 << (at & 7));
    }
    if (top !== undefined) this.top.set(top, from * this.topCount);
    this.reasons?.push(...(reasons ?? []));
    this.rulings?.push(...(rulings ?? []));
  }
}

export interface AddedBuffers {
  /** Pairs of a length and a count of missing values. */
  readonly nodes: readonly (readonly [length: number, nulls: number])[];
  readonly buffers: readonly Uint8Array[];
}

/** Nothing is missing. */
const ALL_THERE = new Uint8Array();

/**
 * The buffers of the columns that scoring adds.
 * @param isCompressed whether a batch's buffers say first how long they are without compression; these have none
 */
export function addedBuffers(
  scores: ArrowScores,
  topNames: readonly string[] | undefined,
  isCompressed: boolean,
): AddedBuffers {
  const { rows, score, isAnomaly, rarity, reasons, rulings } = scores;
  const nodes: [number, number][] = [
    [rows, 0],
    [rows, 0],
    [rows, 0],
  ];
  const buffers: Uint8Array[] = [ALL_THERE, bytesOf(score), ALL_THERE, isAnomaly, ALL_THERE, bytesOf(rarity)];
  if (topNames !== undefined) {
    const { offsets, names } = namedColumns(scores, topNames);
    nodes.push([rows, 0], [names.length, 0]);
    buffers.push(ALL_THERE, bytesOf(offsets), ALL_THERE, ...textBuffers(names));
  }
  const texts = [
    reasons,
    rulings?.map((ruling) => ruling?.rule ?? null),
    rulings?.map((ruling) => ruling?.verdict ?? null),
  ];
  for (const own of texts) {
    if (own === undefined) continue;
    nodes.push([rows, own.filter((text) => text === null).length]);
    buffers.push(validity(own), ...textBuffers(own));
  }
  return { nodes, buffers: isCompressed ? buffers.map(unpacked) : buffers };
}

function namedColumns(
  { rows, top, topCount }: ArrowScores,
  topNames: readonly string[],
): { readonly offsets: Int32Array; readonly names: readonly string[] } {
  const offsets = new Int32Array(rows + 1);
  const names: string[] = [];
  for (let row = 0; row < rows; row++) {
    for (const place of top.subarray(row * topCount, (row + 1) * topCount)) {
      if (place >= 0) names.push(topNames[place] as string);
    }
    offsets[row + 1] = names.length;
  }
  return { offsets, names };
}

function textBuffers(texts: readonly (string | null)[]): [offsets: Uint8Array, letters: Uint8Array] {
  const letters = texts.map((text) => (text === null ? ALL_THERE : encoder.encode(text)));
  const offsets = new Int32Array(texts.length + 1);
  letters.forEach((own, k) => {
    offsets[k + 1] = (offsets[k] as number) + own.length;
  });
  const bytes = new Uint8Array(offsets[texts.length] as number);
  letters.forEach((own, k) => {
    bytes.set(own, offsets[k]);
  });
  return [bytesOf(offsets), bytes];
}

function validity(values: readonly unknown[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, k) => {
    if (value !== null) bits[k >> 3] = (bits[k >> 3] as number) | (1 << (k & 7));
  });
  return bits;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A buffer in a batch with compression: -1 before it says that it has none. */
function unpacked(buffer: Uint8Array): Uint8Array {
  if (buffer.length === 0) return buffer;
  const bytes = new Uint8Array(8 + buffer.length).fill(255, 0, 8);
  bytes.set(buffer, 8);
  return bytes;
}

/** Every runtime has it (WHATWG Encoding), but no type library that this package is compiled with. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const encoder = new TextEncoder();
