import type { ContextSpec, FailureRule } from "@oddflow/preprocessing";
import { findSensor } from "../sensors/find-sensor.ts";
import {
  ANSWER_NAMES,
  BYTES_NAMES,
  DESTINATION_NAMES,
  FLOW_ID_NAMES,
  PACKETS_NAMES,
  PORT_NAMES,
  PROTOCOL_NAMES,
  SOURCE_NAMES,
  SOURCE_PORT_NAMES,
} from "./context-names.ts";

/** A minute shows a scan or a flood, ten minutes a beacon's rhythm. In seconds. */
const WINDOWS: readonly number[] = [60, 600];

/** The columns of a table that say who talks to whom. */
export type EndpointColumns = Pick<ContextSpec, "source" | "destination" | "port" | "protocol">;

/** The columns of a table that tell one flow from another, likeliest first; empty where there is none. */
export interface FlowEndColumns {
  readonly source: readonly string[];
  readonly sourcePort: readonly string[];
  readonly destination: readonly string[];
  /** The service's. */
  readonly port: readonly string[];
  readonly protocol: readonly string[];
  /** What the sensor calls the flow. */
  readonly id: readonly string[];
}

/** What stands in the way of a context. */
export type NoContext = "addresses" | "times";

/** Which columns of a table say who talks to whom; undefined where addresses of either end are not known. */
export function findEndpoints(columns: readonly string[]): EndpointColumns | undefined {
  const known = new KnownColumns(columns);
  const source = known.all(SOURCE_NAMES);
  const destination = known.all(DESTINATION_NAMES);
  if (source.length === 0 || destination.length === 0) return undefined;
  const [port] = known.all(PORT_NAMES);
  const [protocol] = known.all(PROTOCOL_NAMES);
  return {
    source,
    destination,
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}

/** Which columns of a table tell one flow from another. */
export function findFlowEnds(columns: readonly string[]): FlowEndColumns {
  const known = new KnownColumns(columns);
  return {
    source: known.all(SOURCE_NAMES),
    sourcePort: known.all(SOURCE_PORT_NAMES),
    destination: known.all(DESTINATION_NAMES),
    port: known.all(PORT_NAMES),
    protocol: known.all(PROTOCOL_NAMES),
    id: known.all(FLOW_ID_NAMES),
  };
}

/** The columns of a table that hold addresses of either end of a flow. */
export function findAddressColumns(columns: readonly string[]): readonly string[] {
  const known = new KnownColumns(columns);
  return [...known.all(SOURCE_NAMES), ...known.all(DESTINATION_NAMES)];
}

/**
 * Which columns of a table the context of its flows can be counted from; what the table lacks, where it cannot.
 * @param time the column that says when flows began, where one does
 * @param network the column that keeps networks apart, where there is one
 */
export function findContext(
  columns: readonly string[],
  time: string | undefined,
  network?: string,
): ContextSpec | NoContext {
  const endpoints = findEndpoints(columns);
  if (endpoints === undefined) return "addresses";
  if (time === undefined) return "times";
  const known = new KnownColumns(columns);
  const failed = failureRule(columns, known);
  return {
    windows: WINDOWS,
    time,
    ...endpoints,
    bytes: known.group(BYTES_NAMES),
    packets: known.group(PACKETS_NAMES),
    ...(failed === undefined ? {} : { failed }),
    ...(network === undefined ? {} : { network }),
  };
}

/** As the sensor has it, else by what the responder sent. */
function failureRule(columns: readonly string[], known: KnownColumns): FailureRule | undefined {
  const states = findSensor(columns)?.failed;
  const [column] = states === undefined ? [] : known.all([letters(states.column)]);
  if (states !== undefined && column !== undefined) return { ...states, column };
  const [answer] = known.all(ANSWER_NAMES);
  return answer === undefined ? undefined : { unanswered: answer };
}

class KnownColumns {
  readonly #byLetters: ReadonlyMap<string, string>;

  constructor(columns: readonly string[]) {
    // Of two columns that are called alike the first is taken.
    this.#byLetters = new Map(columns.toReversed().map((name) => [letters(name), name]));
  }

  all(names: readonly string[]): readonly string[] {
    return names.flatMap((name) => this.#byLetters.get(name) ?? []);
  }

  /** The first group whose names are all there. */
  group(groups: readonly (readonly string[])[]): readonly string[] {
    return this.all(groups.find((names) => names.every((name) => this.#byLetters.has(name))) ?? []);
  }
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
