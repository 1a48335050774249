import { DropoutMasks } from "../dropout-masks.ts";
import type { LayerShape } from "../network.ts";
import type { Tfjs, TfTensor } from "./tfjs-namespace.ts";

/** The dropout masks of each step, cut from pools that lie with the backend. */
export class MaskTensors {
  readonly #tf: Tfjs;
  readonly #masks: DropoutMasks;
  /** By layer, `[pool, units]`. */
  #pools: ReadonlyMap<number, TfTensor> = new Map();

  constructor(tf: Tfjs, shape: readonly LayerShape[], largestBatch: number, seed: number) {
    this.#tf = tf;
    this.#masks = new DropoutMasks(shape, largestBatch, seed);
  }

  /**
   * Draws the masks of the next steps. The returned function cuts those of one of them, by layer, `[batch, units]`;
   * they belong to the tidy that it is called in.
   */
  draw(steps: number, batchSize: number): (step: number) => ReadonlyMap<number, TfTensor> {
    const tf = this.#tf;
    const { pools, fresh } = this.#masks.pools(steps);
    if (fresh) {
      this.close();
      // Every value of a pool is drawn alike, so a pool may as well be read as one row a flow.
      this.#pools = new Map(
        [...pools].map(([layer, pool]) => {
          const rows = this.#masks.width;
          return [layer, tf.tensor2d(pool, [rows, pool.length / rows])];
        }),
      );
    }
    const offsets = this.#masks.offsets(steps, batchSize);
    return (step) => {
      const first = step * this.#masks.layers;
      return new Map(
        [...this.#pools].map(([layer, pool], i) => {
          const from = Number(offsets[first + i]);
          return [layer, tf.slice(pool, [from, 0], [batchSize, pool.shape[1] ?? 0])];
        }),
      );
    };
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.dispose();
    this.#pools = new Map();
  }
}
