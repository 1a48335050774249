import {
  type FlowRecord,
  fieldValue,
  MISSING_TEXTS,
  numberOfValue,
  type RecordProblem,
  shownValue,
} from "../encode.ts";
import { timeUnitOf } from "../time-columns.ts";
import { timeOfText } from "../time-text.ts";
import { type ContextFlow, emptyContextFlow } from "./context-flow.ts";
import { type ContextSpec, contextInputs, contextNumbers } from "./context-spec.ts";
import { KeyHash } from "./key-hash.ts";

/** Reads what the context is counted from out of a flow's values, by the rules that `packages/tables` has in SQL. */
export class ContextReader {
  /** Names of the values that it takes, `contextInputs`. */
  readonly inputs: readonly string[];
  /** `contextNumbers`. */
  readonly numbers: ReadonlySet<string>;
  /** What was read last. */
  readonly flow: ContextFlow = emptyContextFlow();
  /** Whether that had a time, a source and a destination, so that it has a context. */
  isPlaced = false;
  readonly #hash: KeyHash;
  /** Names in the spec, each with the place of its value in `inputs`; those of no column have none. */
  readonly #time: Input;
  readonly #source: readonly Input[];
  readonly #destination: readonly Input[];
  readonly #port: Input | undefined;
  readonly #protocol: Input | undefined;
  readonly #network: Input | undefined;
  readonly #bytes: readonly Input[];
  readonly #packets: readonly Input[];
  readonly #failed: FailureInput | undefined;
  readonly #ofRecord: unknown[];
  /** What was read last. */
  #values: readonly unknown[];

  /** @param hashKey two numbers of 32 bits, the same for all whose flows are counted together */
  constructor(spec: ContextSpec, hashKey: readonly [number, number]) {
    this.inputs = contextInputs(spec);
    this.numbers = contextNumbers(spec);
    const input = (name: string): Input => ({ name, place: this.inputs.indexOf(name) });
    const optional = (name: string | undefined): Input | undefined =>
      name === undefined ? undefined : input(name);
    this.#hash = new KeyHash(hashKey);
    this.#time = input(spec.time);
    this.#source = spec.source.map(input);
    this.#destination = spec.destination.map(input);
    this.#port = optional(spec.port);
    this.#protocol = optional(spec.protocol);
    this.#network = optional(spec.network);
    this.#bytes = spec.bytes.map(input);
    this.#packets = spec.packets.map(input);
    const { failed } = spec;
    if (failed !== undefined) {
      this.#failed =
        "column" in failed
          ? { ...input(failed.column), values: failed.values }
          : { ...input(failed.unanswered), values: undefined };
    }
    this.#ofRecord = this.inputs.map(() => undefined);
    this.#values = this.#ofRecord;
  }

  /** Reads a record's fields as `read` does their values. */
  readRecord(record: FlowRecord): RecordProblem | undefined {
    for (let k = 0; k < this.inputs.length; k++)
      this.#ofRecord[k] = fieldValue(record, this.inputs[k] as string);
    return this.read(this.#ofRecord);
  }

  /** Whether the record or the values that were read last had one for each of what says when a flow was and between whom. */
  get hadFields(): boolean {
    return [[this.#time], this.#source, this.#destination].every((inputs) =>
      inputs.some(({ place }) => this.#values[place] !== undefined),
    );
  }

  /**
   * Reads the values of `inputs`, in their order, into `flow`; undefined for a field that a flow has not.
   * @returns what is wrong with them, if something is
   */
  read(values: readonly unknown[]): RecordProblem | undefined {
    this.#values = values;
    for (let k = 0; k < values.length; k++) {
      const value = values[k];
      if (typeof value === "object" && value !== null)
        return invalid(this.inputs[k] as string, value, "a text or a number");
    }
    const { flow } = this;
    const time = timeOf(values[this.#time.place]);
    if (time === undefined) return invalid(this.#time.name, values[this.#time.place], "a time");
    const problem = this.#readAmounts(values) ?? this.#readFailed(values);
    if (problem !== undefined) return problem;
    const from = addressOf(this.#source, values);
    const to = addressOf(this.#destination, values);
    this.isPlaced = from !== undefined && to !== undefined && time > 0 && Number.isFinite(time);
    flow.time = this.isPlaced ? time : Number.NaN;
    if (from === undefined || to === undefined) return undefined;
    const network = textOf(this.#network, values);
    this.#hash.ofTexts(from, network);
    flow.sourceLow = this.#hash.low;
    flow.sourceHigh = this.#hash.high;
    this.#hash.ofTexts(to, network);
    flow.destinationLow = this.#hash.low;
    flow.destinationHigh = this.#hash.high;
    this.#hash.ofTexts(textOf(this.#port, values), textOf(this.#protocol, values), network);
    flow.portLow = this.#hash.low;
    flow.portHigh = this.#hash.high;
    return undefined;
  }

  #readAmounts(values: readonly unknown[]): RecordProblem | undefined {
    const { flow } = this;
    flow.bytes = 0;
    for (const { name, place } of this.#bytes) {
      const amount = numberOfValue(values[place]);
      if (amount === undefined) return notANumber(name, values[place]);
      if (Number.isFinite(amount)) flow.bytes += amount;
    }
    flow.packets = 0;
    for (const { name, place } of this.#packets) {
      const amount = numberOfValue(values[place]);
      if (amount === undefined) return notANumber(name, values[place]);
      if (Number.isFinite(amount)) flow.packets += amount;
    }
    return undefined;
  }

  #readFailed(values: readonly unknown[]): RecordProblem | undefined {
    const failed = this.#failed;
    if (failed === undefined) this.flow.failed = false;
    else if (failed.values !== undefined) this.flow.failed = failed.values.includes(textOf(failed, values));
    else {
      const answer = numberOfValue(values[failed.place]);
      if (answer === undefined) return notANumber(failed.name, values[failed.place]);
      this.flow.failed = answer === 0;
    }
    return undefined;
  }
}

/** A value that is read, by its column's name and its place in `inputs`. */
interface Input {
  readonly name: string;
  readonly place: number;
}

/** Without values, 0 says that a flow failed. */
interface FailureInput extends Input {
  readonly values: readonly string[] | undefined;
}

const MISSING: ReadonlySet<string> = new Set(MISSING_TEXTS);

const LONGEST_MISSING = Math.max(...MISSING_TEXTS.map((text) => text.length));

/** The first that is one; undefined where none is. */
function addressOf(inputs: readonly Input[], values: readonly unknown[]): string | undefined {
  for (const input of inputs) {
    const address = textOf(input, values);
    if (address.length > LONGEST_MISSING || !MISSING.has(address.toLowerCase())) return address;
  }
  return undefined;
}

/** Empty where there is none. */
function textOf(input: Input | undefined, values: readonly unknown[]): string {
  const value = input === undefined ? undefined : values[input.place];
  return value === null || value === undefined ? "" : String(value);
}

/** Seconds since 1970: NaN where there is none, undefined for what is no time. */
function timeOf(value: unknown): number | undefined {
  const time = typeof value === "string" ? timeOfText(value.trim()) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const number = numberOfValue(value);
  return number === undefined ? undefined : number / timeUnitOf(number);
}

function invalid(column: string, value: unknown, expected: string): RecordProblem {
  return { code: "RECORD_INVALID", column, found: shownValue(value), expected };
}

function notANumber(column: string, value: unknown): RecordProblem {
  return { code: "VALUE_NOT_A_NUMBER", column, found: shownValue(value), expected: "a number" };
}
