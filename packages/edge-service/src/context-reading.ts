import {
  type ContextFlow,
  ContextReader,
  type ContextSpec,
  type FlowRecord,
  fieldValue,
  type RecordProblem,
} from "@oddflow/preprocessing";

/** Reads of records what their context is counted from; who counts it may be elsewhere. */
export class ContextReading {
  /** Names of the fields that are read. */
  readonly inputs: readonly string[];
  readonly #reader: ContextReader;
  readonly #values: unknown[];
  /** Places of the fields that say when a flow was, where from and where to: one of each is needed. */
  readonly #needed: readonly (readonly number[])[];

  constructor(spec: ContextSpec, hashKey: readonly [number, number]) {
    this.#reader = new ContextReader(spec, hashKey);
    this.inputs = this.#reader.inputs;
    this.#values = this.inputs.map(() => undefined);
    this.#needed = [[spec.time], spec.source, spec.destination].map((names) =>
      names.map((name) => this.inputs.indexOf(name)),
    );
  }

  /** What was read last. */
  get flow(): ContextFlow {
    return this.#reader.flow;
  }

  /** Whether the last record had a field for each of what says when it was and between whom. */
  get hasPlace(): boolean {
    return this.#needed.every((places) => places.some((place) => this.#values[place] !== undefined));
  }

  /** @returns what is wrong with the record, if something is */
  readRecord(record: FlowRecord): RecordProblem | undefined {
    for (const [place, name] of this.inputs.entries()) this.#values[place] = fieldValue(record, name);
    return this.#reader.read(this.#values);
  }
}
