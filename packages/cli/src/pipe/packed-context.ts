import {
  ContextReader,
  type ContextSpec,
  type FlowRecord,
  PackedContextFlows,
  type RecordProblem,
} from "@oddflow/preprocessing";
import type { SpareBuffers } from "../threads/spare-buffers.ts";
import type { FlowContext } from "./pipe-reader.ts";

/** Keeps what the context of flows is counted from, for who counts it. */
export class PackedContext implements FlowContext {
  readonly inputs: readonly string[];
  readonly numbers: ReadonlySet<string>;
  readonly #reader: ContextReader;
  readonly #packed = new PackedContextFlows();
  #count = 0;

  constructor(spec: ContextSpec, hashKey: readonly [number, number]) {
    this.#reader = new ContextReader(spec, hashKey);
    this.inputs = this.#reader.inputs;
    this.numbers = this.#reader.numbers;
  }

  /** Writes nothing yet. */
  encodeRecord(record: FlowRecord): RecordProblem | undefined {
    return this.#keep(this.#reader.readRecord(record));
  }

  encodeValues(values: readonly unknown[]): RecordProblem | undefined {
    return this.#keep(this.#reader.read(values));
  }

  /** The flows since this was called last. */
  take(spare: SpareBuffers): Float64Array<ArrayBuffer> {
    const taken = this.#packed.first(this.#count, (bytes) => spare.take(bytes));
    this.#count = 0;
    return taken;
  }

  #keep(problem: RecordProblem | undefined): RecordProblem | undefined {
    if (problem === undefined) this.#packed.set(this.#count++, this.#reader.flow);
    return problem;
  }
}
