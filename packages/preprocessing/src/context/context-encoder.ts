import { type FlowRecord, fieldValue, type RecordProblem } from "../encode.ts";
import { OddflowError } from "../errors.ts";
import type { ContextFlow } from "./context-flow.ts";
import { ContextReader } from "./context-reader.ts";
import type { ContextSpec } from "./context-spec.ts";
import { ContextState } from "./context-state.ts";
import type { PackedContextFlows } from "./packed-context-flows.ts";
import { type ContextCounts, decodeSavedContext, encodeSavedContext } from "./saved-context.ts";

/** Makes a flow's values the columns of its context: those of `ContextReader` counted by `ContextState`. */
export class ContextEncoder {
  /** Names of the values that it takes, `contextInputs`. */
  readonly inputs: readonly string[];
  /** Those that are none of `contextLetters`: a number and its text mean the same. */
  readonly numbers: ReadonlySet<string>;
  /** How many columns the context has. */
  readonly width: number;
  /** By which keys are made of names: others that read flows for this one do it by the same. */
  readonly hashKey: readonly [number, number];
  readonly #spec: ContextSpec;
  readonly #state: ContextState;
  readonly #reader: ContextReader;

  private constructor(state: ContextState, hashKey: readonly [number, number]) {
    const { spec, width } = state;
    this.hashKey = hashKey;
    this.#reader = new ContextReader(spec, hashKey);
    this.inputs = this.#reader.inputs;
    this.numbers = this.#reader.numbers;
    this.width = width;
    this.#spec = spec;
    this.#state = state;
  }

  /** Begins with no flow. @param hashKey two random numbers of 32 bits; what is counted does not hang on them */
  static begin(spec: ContextSpec, hashKey: readonly [number, number]): ContextEncoder {
    return new ContextEncoder(new ContextState(spec), hashKey);
  }

  /**
   * Goes on where `save` was called.
   * @throws OddflowError CONTEXT_INVALID when the bytes are not what `save` gave, or of another context
   */
  static restore(spec: ContextSpec, bytes: Uint8Array): ContextEncoder {
    const saved = decodeSavedContext(bytes);
    if (JSON.stringify(saved.spec) !== JSON.stringify(spec)) {
      throw new OddflowError(
        "CONTEXT_INVALID",
        "restore context: it was counted for a model with another context; name that one's, or begin without it",
      );
    }
    return new ContextEncoder(ContextState.restore(saved), saved.hashKey);
  }

  /** All that is needed to go on from here, as bytes: 41 a flow of the longest window. */
  save(): Uint8Array {
    return encodeSavedContext({ ...this.#state.save(), hashKey: this.hashKey });
  }

  /** Whether the last record or values had a time, a source and a destination, and so a context. */
  get isPlaced(): boolean {
    return this.#reader.isPlaced;
  }

  get counts(): Readonly<ContextCounts> {
    return this.#state.counts;
  }

  /** What a record has no field for, of those that say when a flow was and between whom: empty where it has a context. */
  lackingInputs(record: FlowRecord): readonly string[] {
    const { time, source, destination } = this.#spec;
    return [[time], source, destination].flatMap((names) =>
      names.some((name) => fieldValue(record, name) !== undefined) ? [] : names,
    );
  }

  /**
   * Writes a record's context to the `width` places of `into` from `first` on, as `ContextState.add`.
   * @returns what is wrong with it, if something is: it is taken into nothing then
   */
  encodeRecord(record: FlowRecord, into: Float32Array, first: number): RecordProblem | undefined {
    return this.#addRead(this.#reader.readRecord(record), into, first);
  }

  /** The same for the values of `inputs`, in their order. */
  encodeValues(values: readonly unknown[], into: Float32Array, first: number): RecordProblem | undefined {
    return this.#addRead(this.#reader.read(values), into, first);
  }

  #addRead(problem: RecordProblem | undefined, into: Float32Array, first: number): RecordProblem | undefined {
    if (problem === undefined) this.add(this.#reader.flow, into, first);
    return problem;
  }

  /** The same for a flow that a `ContextReader` with `hashKey` has read. */
  add(flow: ContextFlow, into: Float32Array, first: number): void {
    this.#state.add(flow, into, first);
  }

  /** The same for the first of packed flows, as `ContextState.addAll`. */
  addAll(flows: PackedContextFlows, count: number, into: Float32Array): void {
    this.#state.addAll(flows, count, into);
  }
}
