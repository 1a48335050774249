import { ContextEncoder, type ContextSpec, checkNames, OddflowError } from "@oddflow/preprocessing";
import { cellValue, columnTimes, type FlowColumn, type FlowColumns } from "../reading/index.ts";

/**
 * The context of a table's flows, counted by time whatever the order of its rows: `[rows, width]`, row-major, 4 bytes a value.
 * @throws OddflowError COLUMNS_MISSING, which names all that are missing; COLUMN_TYPE, which names the column and the first row
 * whose value cannot be read
 */
export function contextOfTable(table: FlowColumns, spec: ContextSpec): Float32Array {
  const encoder = ContextEncoder.begin(spec, randomKey());
  const names = table.columns.map(({ name }) => name);
  checkNames(table.name, names, encoder.inputs);
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const columns = encoder.inputs.map((name) => byName.get(name) as FlowColumn);
  const times = columnTimes(byName.get(spec.time) as FlowColumn);
  const timePlace = encoder.inputs.indexOf(spec.time);
  const context = new Float32Array(table.rows * encoder.width);
  const values: unknown[] = [];
  for (const row of rowsByTime(times)) {
    for (const [k, column] of columns.entries()) values[k] = cellValue(column, row);
    // What is no time is for the encoder to refuse.
    if (Number.isFinite(times[row])) values[timePlace] = times[row];
    const problem = encoder.encodeValues(values, context, row * encoder.width);
    if (problem === undefined) continue;
    throw new OddflowError(
      "COLUMN_TYPE",
      `read table: column "${problem.column}" of ${table.name}: ${problem.found} found in row ${row + 1}, ` +
        `${problem.expected} expected; the model sees flows in their context, which is counted from it`,
    );
  }
  return context;
}

/** The rows by their times, of the same time the first; those without a time come last. */
function rowsByTime(times: Float64Array): Uint32Array {
  const rows = Uint32Array.from(times, (_, row) => row);
  const at = (row: number): number => {
    const time = times[row] as number;
    return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
  };
  const isSorted = times.every((_, row) => row === 0 || at(row - 1) <= at(row));
  return isSorted ? rows : rows.sort((a, b) => (at(a) === at(b) ? a - b : at(a) - at(b)));
}

function randomKey(): [number, number] {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [low, high];
}
