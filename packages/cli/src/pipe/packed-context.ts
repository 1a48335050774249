import {
  ContextReader,
  type ContextSpec,
  type FlowRecord,
  fieldValue,
  PackedContextFlows,
  type RecordProblem,
} from "@oddflow/preprocessing";
import type { FlowContext } from "./pipe-reader.ts";

/** Keeps what the context of flows is counted from, for who counts it. */
export class PackedContext implements FlowContext {
  readonly inputs: readonly string[];
  readonly #reader: ContextReader;
  readonly #values: unknown[];
  readonly #packed = new PackedContextFlows();
  #count = 0;

  constructor(spec: ContextSpec, hashKey: readonly [number, number]) {
    this.#reader = new ContextReader(spec, hashKey);
    this.inputs = this.#reader.inputs;
    this.#values = this.inputs.map(() => undefined);
  }

  /** Writes nothing yet. */
  encodeRecord(record: FlowRecord): RecordProblem | undefined {
    for (const [place, name] of this.inputs.entries()) this.#values[place] = fieldValue(record, name);
    return this.encodeValues(this.#values);
  }

  encodeValues(values: readonly unknown[]): RecordProblem | undefined {
    const problem = this.#reader.read(values);
    if (problem === undefined) this.#packed.set(this.#count++, this.#reader.flow);
    return problem;
  }

  /** The flows since this was called last. */
  take(): Float64Array<ArrayBuffer> {
    const taken = this.#packed.first(this.#count);
    this.#count = 0;
    return taken;
  }
}
