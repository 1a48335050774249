import { type Alarm, alarmReader, bySeverity, type Incident, IncidentStream } from "@oddflow/incidents";
import { SCORE_COLUMN, shortestFloat32 } from "@oddflow/preprocessing";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import { hostFilters } from "../hosts/host-filters.ts";
import { cellValue } from "../reading/index.ts";
import { isAlarm, type JudgedFlows, saidOf } from "../scoring/judged-flows.ts";

/** An incident as the page shows it. */
export interface ShownIncident extends Incident {
  /** What chooses the flows of its host. */
  readonly filters: readonly ColumnFilter[];
  /** Alarms of its host in its time that are of other incidents. */
  readonly others: number;
}

/** The incidents of a table. */
export interface ShownIncidents {
  readonly incidents: number;
  /** Alarms that are in one, and alarms that lack a host or a time. */
  readonly alarms: number;
  readonly leftOut: number;
  /** The most severe first, as many as are shown. */
  readonly worst: readonly ShownIncident[];
}

/** Why there are none: the table says not who, or not when. */
export type NoIncidents = "addresses" | "times";

/** As many as somebody looks through. */
const SHOWN_INCIDENTS = 50;

const NAMED_SCORES: readonly string[] = Object.values(SCORE_COLUMN);

/** Puts a table's alarms together into incidents, as `oddflow incidents` does. @param entity what a host is: source, destination or pair */
export function findIncidents(judged: JudgedFlows, entity: string): ShownIncidents | NoIncidents {
  const { table, times } = judged;
  const own = table.columns.map(({ name }) => name);
  const reader = alarmReader([...own, ...NAMED_SCORES.filter((name) => name !== SCORE_COLUMN.reasons)], {
    entity,
    time: times?.column,
  });
  if (!reader.hasHosts) return "addresses";
  if (times === undefined) return "times";
  const values = reader.columns.map((name) => valueReader(judged, name));
  const alarms: Alarm[] = [];
  let leftOut = 0;
  for (let row = 0; row < table.rows; row++) {
    if (!isAlarm(judged, row)) continue;
    const { alarm } = reader.read((place) => values[place]?.(row), row + 1);
    if (alarm === undefined) leftOut++;
    else alarms.push(alarm);
  }
  alarms.sort((one, other) => one.time - other.time);
  const stream = new IncidentStream();
  for (const alarm of alarms) stream.add(alarm);
  const found = stream.end().toSorted(bySeverity);
  return {
    incidents: found.length,
    alarms: alarms.length,
    leftOut,
    worst: found.slice(0, SHOWN_INCIDENTS).map((incident) => ({
      ...incident,
      others: alarms.filter((alarm) => isBeside(alarm, incident)).length - incident.flows,
      filters: hostFilters(table, entity, (incident.example.flow.row ?? 1) - 1),
    })),
  };
}

/** Whether an alarm is of an incident's host and time. */
function isBeside({ host, time }: Alarm, incident: Incident): boolean {
  return host === incident.host && time >= incident.first && time <= incident.last;
}

/** Gives a value of a row, of the table's columns or of those that scoring adds, as a scored table holds it. */
function valueReader(judged: JudgedFlows, name: string): (row: number) => unknown {
  const { table, scores } = judged;
  const column = table.columns.find((own) => own.name === name);
  if (column !== undefined) return (row) => cellValue(column, row);
  switch (name) {
    case SCORE_COLUMN.score:
      return (row) => shortestFloat32(scores[row] as number);
    case SCORE_COLUMN.isAnomaly:
      return (row) => isAlarm(judged, row);
    case SCORE_COLUMN.rarity:
      return (row) => shortestFloat32(Math.fround(judged.rarity(scores[row] as number)));
    case SCORE_COLUMN.topColumns:
      return (row) => judged.topColumns(row);
    case SCORE_COLUMN.rule:
      return (row) => saidOf(judged, row)?.rule;
    case SCORE_COLUMN.ruleVerdict:
      return (row) => saidOf(judged, row)?.verdict;
    default:
      return () => undefined;
  }
}
