import type { ColumnRole, KnownRoles } from "@oddflow/preprocessing";
import { SENSORS } from "./index.ts";
import type { BareTable, EventRule, Sensor } from "./sensor.ts";

/** The sensor that writes tables with these columns; undefined where none is known. Letter case and space around do not count. */
export function findSensor(columns: readonly string[]): Sensor | undefined {
  const found = new Set(columns.map(plain));
  return SENSORS.find(({ marks }) => marks.some((mark) => mark.every((name) => found.has(plain(name)))));
}

/** The table without a header that has such a first row. @param sensors those that are asked of */
export function findBareTable(
  cells: readonly string[],
  sensors: readonly Sensor[] = SENSORS,
): { readonly sensor: Sensor; readonly table: BareTable } | undefined {
  for (const sensor of sensors) {
    for (const table of sensor.bareTables ?? []) {
      if (isRowOf(table, cells)) return { sensor, table };
    }
  }
  return undefined;
}

/** What is known of a table's columns from the sensor that writes such ones; undefined where none is known. */
export function knownRoles(columns: readonly string[]): KnownRoles | undefined {
  const sensor = findSensor(columns);
  if (sensor === undefined) return undefined;
  const roles = new Map(Object.entries(sensor.roles).map(([name, role]) => [plain(name), role]));
  const known = columns.flatMap((name): [string, ColumnRole][] => {
    const role = roles.get(plain(name));
    return role === undefined ? [] : [[name, role]];
  });
  return { title: sensor.title, roles: new Map(known) };
}

function isRowOf({ columns, values }: BareTable, cells: readonly string[]): boolean {
  if (cells.length !== columns.length) return false;
  return columns.every((name, index) => {
    const expected = values[name];
    return expected === undefined || expected.test((cells[index] as string).trim());
  });
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}

/** The rules that say which rows of a table are flows, where all rows have these columns. */
export function eventRulesOf(columns: readonly string[]): readonly EventRule[] {
  return SENSORS.flatMap(({ events }) => events ?? []).filter(({ field, beside }) =>
    [field, ...beside].every((name) => columns.includes(name)),
  );
}
