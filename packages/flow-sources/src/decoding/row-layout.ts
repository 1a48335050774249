import { findBareTable, findSensor } from "../sensors/find-sensor.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { columnNames, isHeader, placeNames } from "./csv-header.ts";

/** How a table of text is laid out, as its first row tells. */
export interface RowLayout {
  /** "zeek": lines that begin with # say how the others are to be read. */
  readonly form: "csv" | "zeek";
  readonly delimiter: string;
  /** A column each, as every door names them. A Zeek log may go on with others. */
  readonly names: readonly string[];
  /** The header's cells as they stand there, which may name two columns alike; the names where there is none. */
  readonly header: readonly string[];
  readonly hasHeader: boolean;
  /** The line of the first row, from 1. */
  readonly firstLine: number;
  /** Whose output it is, where that is known. */
  readonly sensor: Sensor | undefined;
  /** Whether every row behind the header is a flow and every cell its value, letter for letter. */
  readonly isPlain: boolean;
}

/** The layout that the first row of a CSV text tells. @param wanted the sensor that it is said to come from */
export function csvLayout(
  cells: readonly string[],
  delimiter: string,
  firstLine: number,
  wanted?: Sensor,
): RowLayout {
  const hasHeader = isHeader(cells);
  const bare = hasHeader ? undefined : findBareTable(cells, wanted && [wanted]);
  const names = hasHeader ? columnNames(cells) : (bare?.table.columns ?? placeNames(cells.length));
  const sensor = wanted ?? bare?.sensor ?? findSensor(names);
  const isChanged =
    sensor?.padsCells === true ||
    sensor?.summary !== undefined ||
    sensor?.dayFirst?.some((name) => names.includes(name)) === true ||
    (sensor?.events !== undefined && names.includes(sensor.events.field));
  // A semicolon stands between cells where a comma stands in numbers.
  return {
    form: "csv",
    delimiter,
    names,
    header: hasHeader ? cells : names,
    hasHeader,
    firstLine,
    sensor,
    isPlain: !isChanged && delimiter !== ";",
  };
}
