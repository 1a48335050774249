import { type AlarmColumns, type AlarmReading, alarmReader } from "@oddflow/incidents";
import { type FlowTable, readAlarmRows } from "@oddflow/tables";
import { checkAlarmReader } from "./check-alarm-reader.ts";

/** Alarms of a scored table, in the order of their times, some at a time. */
export interface TableAlarms {
  /** Whether flows say why in words. */
  readonly haveReasons: boolean;
  readonly readings: AsyncIterable<readonly AlarmReading[]>;
}

/**
 * Finds the alarms of a scored table.
 * @throws OddflowError COLUMNS_MISSING; reading them throws what `readAlarmRows` throws
 */
export async function tableAlarms(
  table: FlowTable,
  columns: AlarmColumns,
  signal: AbortSignal,
): Promise<TableAlarms> {
  const time = columns.time ?? (await table.timeColumn());
  const names = table.columns.map(({ name }) => name);
  const reader = alarmReader(names, { ...columns, time });
  checkAlarmReader(reader, table.paths[0] ?? "", columns);
  const rows = readAlarmRows(table, { time: time as string, values: reader.columns, signal });
  return {
    haveReasons: reader.hasReasons,
    readings: (async function* () {
      for await (const { rows: count, place, value } of rows)
        yield Array.from({ length: count }, (_, row) => reader.read((own) => value(row, own), place(row)));
    })(),
  };
}
