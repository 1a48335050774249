import { type ContextEncoder, countFlows } from "@oddflow/preprocessing";
import { ArrivalOrder } from "./arrival-order.ts";

/**
 * Counts the context of flows, those of all threads and of small requests in the order in which their bytes were taken; where one
 * model takes the place of another that counts the same, those of both.
 */
export class ServingContext {
  readonly encoder: ContextEncoder;
  readonly order: ArrivalOrder = new ArrivalOrder();

  constructor(encoder: ContextEncoder) {
    this.encoder = encoder;
  }

  /** As `countFlows`. */
  count(flows: Float64Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    return countFlows(this.encoder, flows);
  }
}
