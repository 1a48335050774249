import type { ContextEncoder } from "./context-encoder.ts";
import { PackedContextFlows } from "./packed-context-flows.ts";

/**
 * Adds packed flows to a context, in their order.
 * @param flows as `first` gives them
 * @param memory gives so many bytes or more
 * @returns row-major `[flows, context columns]`
 */
export function countFlows(
  encoder: ContextEncoder,
  flows: Float64Array<ArrayBuffer>,
  memory: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
): Float32Array<ArrayBuffer> {
  const packed = new PackedContextFlows(flows);
  const length = packed.length * encoder.width;
  const columns = new Float32Array(memory(length * Float32Array.BYTES_PER_ELEMENT), 0, length);
  encoder.addAll(packed, packed.length, columns);
  return columns;
}
