import { type ContextEncoder, countFlows } from "@oddflow/preprocessing";

/** Counts the context of flows that were read, in the order in which it gets them; in this thread or for others. */
export interface ContextCounting {
  /** By which the keys of what was read are made of names. */
  readonly hashKey: readonly [number, number];
  /**
   * @param flows numbers of `PackedContextFlows`, the receiver's from then on
   * @returns row-major `[flows, context columns]`, the caller's
   */
  count(flows: Float64Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
}

export function countingOf(encoder: ContextEncoder): ContextCounting {
  return { hashKey: encoder.hashKey, count: async (flows) => countFlows(encoder, flows) };
}
