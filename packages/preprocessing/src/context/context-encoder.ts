import {
  type FlowRecord,
  fieldValue,
  MISSING_TEXTS,
  numberOfValue,
  type RecordProblem,
  shownValue,
} from "../encode.ts";
import { OddflowError } from "../errors.ts";
import { timeUnitOf } from "../time-columns.ts";
import { timeOfText } from "../time-text.ts";
import { emptyContextFlow } from "./context-flow.ts";
import { type ContextSpec, contextInputs } from "./context-spec.ts";
import { ContextState } from "./context-state.ts";
import { KeyHash } from "./key-hash.ts";
import { type ContextCounts, decodeSavedContext, encodeSavedContext } from "./saved-context.ts";

/** Makes a flow's values the columns of its context, by the rules that `packages/tables` has in SQL. */
export class ContextEncoder {
  /** Names of the values that it takes, `contextInputs`. */
  readonly inputs: readonly string[];
  /** How many columns the context has. */
  readonly width: number;
  /** Whether the last flow had a time, a source and a destination, so that it has a context. */
  isPlaced = false;
  readonly #hashKey: readonly [number, number];
  readonly #spec: ContextSpec;
  readonly #state: ContextState;
  readonly #hash: KeyHash;
  readonly #values: unknown[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #flow = emptyContextFlow();

  private constructor(state: ContextState, hashKey: readonly [number, number]) {
    const { spec, width } = state;
    this.#hashKey = hashKey;
    this.inputs = contextInputs(spec);
    this.width = width;
    this.#spec = spec;
    this.#state = state;
    this.#hash = new KeyHash(hashKey);
    this.#values = this.inputs.map(() => undefined);
    this.#places = new Map(this.inputs.map((name, place) => [name, place]));
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
    return encodeSavedContext({ ...this.#state.save(), hashKey: this.#hashKey });
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
    for (const [place, name] of this.inputs.entries()) this.#values[place] = fieldValue(record, name);
    return this.encodeValues(this.#values, into, first);
  }

  /** The same for the values of `inputs`, in their order. */
  encodeValues(values: readonly unknown[], into: Float32Array, first: number): RecordProblem | undefined {
    const problem = this.#read(values);
    if (problem === undefined) this.#state.add(this.#flow, into, first);
    return problem;
  }

  #read(values: readonly unknown[]): RecordProblem | undefined {
    const nested = values.findIndex((value) => typeof value === "object" && value !== null);
    if (nested >= 0) return invalid(this.inputs[nested], values[nested], "a text or a number");
    const { time: timeColumn, source, destination, port, protocol, failed, network } = this.#spec;
    const value = (name: string): unknown => values[this.#places.get(name) as number];
    const text = (name: string | undefined): string => (name === undefined ? "" : textOf(value(name)));
    const flow = this.#flow;
    const time = timeOf(value(timeColumn));
    if (time === undefined) return invalid(timeColumn, value(timeColumn), "a time");
    for (const sums of ["bytes", "packets"] as const) {
      flow[sums] = 0;
      for (const name of this.#spec[sums]) {
        const amount = numberOfValue(value(name));
        if (amount === undefined) return notANumber(name, value(name));
        if (Number.isFinite(amount)) flow[sums] += amount;
      }
    }
    if (failed === undefined) flow.failed = false;
    else if ("column" in failed) flow.failed = failed.values.includes(textOf(value(failed.column)));
    else {
      const answer = numberOfValue(value(failed.unanswered));
      if (answer === undefined) return notANumber(failed.unanswered, value(failed.unanswered));
      flow.failed = answer === 0;
    }
    const [from, to] = [source, destination].map((names) =>
      names.map((name) => textOf(value(name))).find((address) => !MISSING.has(address.toLowerCase())),
    );
    this.isPlaced = from !== undefined && to !== undefined && time > 0 && Number.isFinite(time);
    flow.time = this.isPlaced ? time : Number.NaN;
    if (from === undefined || to === undefined) return undefined;
    const net = text(network);
    this.#hash.ofTexts(from, net);
    flow.sourceLow = this.#hash.low;
    flow.sourceHigh = this.#hash.high;
    this.#hash.ofTexts(to, net);
    flow.destinationLow = this.#hash.low;
    flow.destinationHigh = this.#hash.high;
    this.#hash.ofTexts(text(port), text(protocol), net);
    flow.portLow = this.#hash.low;
    flow.portHigh = this.#hash.high;
    return undefined;
  }
}

const MISSING: ReadonlySet<string> = new Set(MISSING_TEXTS);

/** Empty where there is none. */
function textOf(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Seconds since 1970: NaN where there is none, undefined for what is no time. */
function timeOf(value: unknown): number | undefined {
  const time = typeof value === "string" ? timeOfText(value.trim()) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const number = numberOfValue(value);
  return number === undefined ? undefined : number / timeUnitOf(number);
}

function invalid(column: string | undefined, value: unknown, expected: string): RecordProblem {
  return { code: "RECORD_INVALID", column: column ?? "", found: shownValue(value), expected };
}

function notANumber(column: string, value: unknown): RecordProblem {
  return { code: "VALUE_NOT_A_NUMBER", column, found: shownValue(value), expected: "a number" };
}
