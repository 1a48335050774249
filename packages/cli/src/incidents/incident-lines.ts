import { hostname } from "node:os";
import {
  ecsEvent,
  type Incident,
  incidentRecord,
  ocsfFinding,
  type SyslogSender,
  syslogLine,
} from "@oddflow/incidents";
import { packageVersion } from "../package-version.ts";
import { oneLine } from "../terminal.ts";

/** Forms of one incident a line. */
export const INCIDENT_FORMATS = ["json", "ecs", "ocsf", "syslog"] as const;

export type IncidentFormat = (typeof INCIDENT_FORMATS)[number];

const WRITERS: Readonly<Record<IncidentFormat, (incident: Incident, sender: SyslogSender) => string>> = {
  json: (incident) => JSON.stringify(incidentRecord(incident)),
  ecs: (incident, sender) => JSON.stringify(ecsEvent(incident, sender)),
  ocsf: (incident, sender) => JSON.stringify(ocsfFinding(incident, sender)),
  syslog: syslogLine,
};

/** Writes incidents as lines, each with its end. */
export function incidentLines(format: IncidentFormat): (incidents: readonly Incident[]) => string {
  const sender = { version: packageVersion(), hostname: hostname() };
  return (incidents) =>
    incidents.map((incident) => `${oneLine(WRITERS[format](incident, sender))}\n`).join("");
}
