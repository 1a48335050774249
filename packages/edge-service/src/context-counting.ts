import { type ContextEncoder, emptyContextFlow, PackedContextFlows } from "@oddflow/preprocessing";

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

/** As `ContextCounting.count`, at once. */
export function countFlows(
  encoder: ContextEncoder,
  flows: Float64Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const packed = new PackedContextFlows(flows);
  const { width } = encoder;
  const columns = new Float32Array(packed.length * width);
  const flow = emptyContextFlow();
  for (let row = 0; row < packed.length; row++) {
    packed.get(row, flow);
    encoder.add(flow, columns, row * width);
  }
  return columns;
}
