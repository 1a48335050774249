import type { LayerShape } from "./network.ts";
import { type RandomStream, randomStream } from "./random.ts";

/**
 * Columns of a pool: many more than a usual batch has. A batch that is as large averages over as many masks at every
 * step, and flows are shuffled: it needs room for its offset to move, no more, and a pool is memory (896 units of the
 * default network are 3.6 kB a column).
 */
const POOL_WIDTH = 8192;
const ROOM_TO_MOVE = 1 / 8;

/** Steps after which the pools are drawn anew. */
const POOL_STEPS = 256;

/**
 * Dropout masks from a pool: drawing 0s and 1s one by one for every step would cost more than the step's products.
 * A step takes neighbouring columns of each layer's pool from an offset drawn for that step and layer, and the pools
 * are drawn anew every few hundred steps.
 */
export class DropoutMasks {
  readonly #random: RandomStream;
  readonly #layers: readonly { index: number; shape: LayerShape }[];
  readonly width: number;
  #pools: ReadonlyMap<number, Float32Array> = new Map();
  #stepsLeft = 0;

  constructor(shape: readonly LayerShape[], largestBatch: number, seed: number) {
    this.#random = randomStream(seed, "dropout");
    this.#layers = shape.flatMap((layer, index) => (layer.dropout > 0 ? [{ index, shape: layer }] : []));
    this.width = Math.max(POOL_WIDTH, Math.ceil(largestBatch * (1 + ROOM_TO_MOVE)));
  }

  get layers(): number {
    return this.#layers.length;
  }

  /** Layer index to its pool, row-major `[units, width]`, each value 0 or 1 / (1 - rate). */
  pools(steps: number): { pools: ReadonlyMap<number, Float32Array>; fresh: boolean } {
    const fresh = this.#stepsLeft <= 0;
    if (fresh) {
      this.#pools = new Map(this.#layers.map(({ index, shape }) => [index, this.#draw(shape)]));
      this.#stepsLeft = POOL_STEPS;
    }
    this.#stepsLeft -= steps;
    return { pools: this.#pools, fresh };
  }

  /** Row-major `[steps, layers]`. */
  offsets(steps: number, batchSize: number): BigInt64Array {
    if (batchSize > this.width) {
      throw new Error(`dropout masks: a batch of ${batchSize}, the pool was made for ${this.width} at most`);
    }
    const places = this.width - batchSize + 1;
    return BigInt64Array.from({ length: steps * this.layers }, () => BigInt(this.#random.below(places)));
  }

  #draw({ outputs, dropout }: LayerShape): Float32Array {
    const pool = new Float32Array(outputs * this.width);
    const kept = 1 / (1 - dropout);
    // 16 bits decide a unit, so one draw serves two.
    const limit = Math.round(dropout * 0x1_0000);
    for (let i = 0; i < pool.length; i += 2) {
      const bits = this.#random.bits();
      pool[i] = (bits & 0xffff) < limit ? 0 : kept;
      pool[i + 1] = bits >>> 16 < limit ? 0 : kept;
    }
    return pool;
  }
}
