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
  readonly #shape: readonly LayerShape[];
  readonly width: number;
  /** By layer, written anew each time. */
  readonly #pools: ReadonlyMap<number, Float32Array>;
  #stepsLeft = 0;

  constructor(shape: readonly LayerShape[], largestBatch: number, seed: number) {
    this.#random = randomStream(seed, "dropout");
    this.width = Math.max(POOL_WIDTH, Math.ceil(largestBatch * (1 + ROOM_TO_MOVE)));
    this.#shape = shape;
    this.#pools = new Map(
      shape.flatMap(({ dropout, outputs }, layer) =>
        dropout > 0 ? [[layer, new Float32Array(outputs * this.width)]] : [],
      ),
    );
  }

  get layers(): number {
    return this.#pools.size;
  }

  /** Layer index to its pool, row-major `[units, width]`, each value 0 or 1 / (1 - rate). */
  pools(steps: number): { pools: ReadonlyMap<number, Float32Array>; fresh: boolean } {
    const fresh = this.#stepsLeft <= 0;
    if (fresh) {
      for (const [layer, pool] of this.#pools) this.#draw(pool, this.#shape[layer]?.dropout ?? 0);
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

  #draw(pool: Float32Array, dropout: number): void {
    const kept = 1 / (1 - dropout);
    // 16 bits decide a unit, so one draw serves two.
    const limit = Math.round(dropout * 0x1_0000);
    // The sign of a difference, not a comparison: no processor foresees which units are dropped.
    for (let i = 0; i < pool.length; i += 2) {
      const bits = this.#random.bits();
      pool[i] = kept * ((limit - 1 - (bits & 0xffff)) >>> 31);
      pool[i + 1] = kept * ((limit - 1 - (bits >>> 16)) >>> 31);
    }
  }
}
