import type { ContextSpec, FailureRule } from "@oddflow/preprocessing";
import { findSensor } from "../sensors/find-sensor.ts";
import {
  ANSWER_NAMES,
  BYTES_NAMES,
  DESTINATION_NAMES,
  PACKETS_NAMES,
  PORT_NAMES,
  PROTOCOL_NAMES,
  SOURCE_NAMES,
} from "./context-names.ts";

/** A minute shows a scan or a flood, ten minutes a beacon's rhythm. In seconds. */
const WINDOWS: readonly number[] = [60, 600];

/** What stands in the way of a context. */
export type NoContext = "addresses" | "times";

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
  const byLetters = new Map(columns.toReversed().map((name) => [letters(name), name]));
  const all = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) => byLetters.get(name) ?? []);
  const group = (groups: readonly (readonly string[])[]): readonly string[] =>
    all(groups.find((names) => names.every((name) => byLetters.has(name))) ?? []);
  const source = all(SOURCE_NAMES);
  const destination = all(DESTINATION_NAMES);
  if (source.length === 0 || destination.length === 0) return "addresses";
  if (time === undefined) return "times";
  const [port] = all(PORT_NAMES);
  const [protocol] = all(PROTOCOL_NAMES);
  const failed = failureRule(columns, all(ANSWER_NAMES)[0]);
  return {
    windows: WINDOWS,
    time,
    source,
    destination,
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
    bytes: group(BYTES_NAMES),
    packets: group(PACKETS_NAMES),
    ...(failed === undefined ? {} : { failed }),
    ...(network === undefined ? {} : { network }),
  };
}

/** As the sensor has it, else by what the responder sent. */
function failureRule(columns: readonly string[], answer: string | undefined): FailureRule | undefined {
  const states = findSensor(columns)?.failed;
  const column = states && columns.find((name) => letters(name) === letters(states.column));
  if (states !== undefined && column !== undefined) return { ...states, column };
  return answer === undefined ? undefined : { unanswered: answer };
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
