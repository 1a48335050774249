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
import { type ContextSpec, contextInputs } from "./context-spec.ts";
import { KeyHash } from "./key-hash.ts";

/** Reads what the context is counted from out of a flow's values, by the rules that `packages/tables` has in SQL. */
export class ContextReader {
  /** Names of the values that it takes, `contextInputs`. */
  readonly inputs: readonly string[];
  /** What was read last. */
  readonly flow: ContextFlow = emptyContextFlow();
  /** Whether that had a time, a source and a destination, so that it has a context. */
  isPlaced = false;
  readonly #spec: ContextSpec;
  readonly #hash: KeyHash;
  readonly #places: ReadonlyMap<string, number>;
  readonly #ofRecord: unknown[];
  /** What was read last. */
  #values: readonly unknown[];

  /** @param hashKey two numbers of 32 bits, the same for all whose flows are counted together */
  constructor(spec: ContextSpec, hashKey: readonly [number, number]) {
    this.inputs = contextInputs(spec);
    this.#spec = spec;
    this.#hash = new KeyHash(hashKey);
    this.#places = new Map(this.inputs.map((name, place) => [name, place]));
    this.#ofRecord = this.inputs.map(() => undefined);
    this.#values = this.#ofRecord;
  }

  /** Reads a record's fields as `read` does their values. */
  readRecord(record: FlowRecord): RecordProblem | undefined {
    for (const [place, name] of this.inputs.entries()) this.#ofRecord[place] = fieldValue(record, name);
    return this.read(this.#ofRecord);
  }

  /** Whether the record or the values that were read last had one for each of what says when a flow was and between whom. */
  get hadFields(): boolean {
    const { time, source, destination } = this.#spec;
    return [[time], source, destination].every((names) =>
      names.some((name) => this.#values[this.#places.get(name) as number] !== undefined),
    );
  }

  /**
   * Reads the values of `inputs`, in their order, into `flow`; undefined for a field that a flow has not.
   * @returns what is wrong with them, if something is
   */
  read(values: readonly unknown[]): RecordProblem | undefined {
    this.#values = values;
    const nested = values.findIndex((value) => typeof value === "object" && value !== null);
    if (nested >= 0) return invalid(this.inputs[nested], values[nested], "a text or a number");
    const { time: timeColumn, source, destination, port, protocol, failed, network } = this.#spec;
    const value = (name: string): unknown => values[this.#places.get(name) as number];
    const text = (name: string | undefined): string => (name === undefined ? "" : textOf(value(name)));
    const { flow } = this;
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
