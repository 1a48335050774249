import type { Incident } from "@oddflow/incidents";
import { rate } from "../progress.ts";
import { oneLine } from "../terminal.ts";
import type { IncidentCounts } from "./gather-incidents.ts";

/** An incident on one line for a person. */
export function incidentLine({ severity, first, title }: Incident): string {
  return `${String(severity).padStart(10)}  ${minute(first)}  ${oneLine(title)}\n`;
}

/** The worst incidents for a person, each with what made its oddest flow odd; empty where there is none. */
export function formatWorst(incidents: readonly Incident[]): string {
  if (incidents.length === 0) return "";
  const lines = incidents.flatMap((incident) => {
    const [why] = incident.example.reasons;
    const behind = why === undefined ? [] : [`${" ".repeat(31)}oddest: ${oneLine(why)}\n`];
    return [incidentLine(incident), ...behind];
  });
  return `The worst incidents\n  severity  first seen\n${lines.join("")}\n`;
}

/** What came of it, in lines. @param flows how many were looked at */
export function formatCounts(counts: IncidentCounts, flows: number): string {
  const { alarms, incidents, escalated, withoutHost, withoutTime, closedEarly } = counts;
  const lacking = [
    ...(withoutHost > 0 ? [`${rate(withoutHost)} alarms without a host`] : []),
    ...(withoutTime > 0 ? [`${rate(withoutTime)} alarms without a time since 1980`] : []),
  ];
  return [
    `alarms     ${rate(alarms)} of ${rate(flows)} flows`,
    `incidents  ${rate(incidents)}${escalated > 0 ? `, ${rate(escalated)} of them with alarms that rules escalate` : ""}`,
    ...(lacking.length > 0 ? [`left out   ${lacking.join(", ")}`] : []),
    ...(closedEarly > 0
      ? [
          `cut short  ${rate(closedEarly)} incidents, since too many were open; a shorter --gap has fewer open`,
        ]
      : []),
    "",
  ].join("\n");
}

function minute(time: number): string {
  return `${new Date(1000 * time).toISOString().slice(0, 16)}Z`;
}
