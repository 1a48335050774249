import type { Incident } from "../incident.ts";
import type { CountedValues } from "../value-counts.ts";
import { eventStamp } from "./event-times.ts";

/** An incident as Oddflow writes it: names and times as in its other tables, times in ISO 8601 and UTC. */
export function incidentRecord(incident: Incident): Readonly<Record<string, unknown>> {
  const { id, title, severity, host, network, first, last, example } = incident;
  const { sourcePort, ...ends } = example.flow;
  return {
    id,
    title,
    severity,
    host,
    network,
    first_seen: eventStamp(first),
    last_seen: eventStamp(last),
    flows: incident.flows,
    escalated: incident.escalated,
    rules: countsRecord(incident.rules),
    weight: incident.weight,
    score: incident.score,
    probability: incident.probability,
    columns: incident.columns,
    sources: countsRecord(incident.sources),
    destinations: countsRecord(incident.destinations),
    ports: countsRecord(incident.ports),
    protocols: countsRecord(incident.protocols),
    example: {
      time: eventStamp(example.time),
      score: example.score,
      probability: example.probability,
      columns: example.columns,
      reasons: example.reasons,
      ...ends,
      source_port: sourcePort,
    },
  };
}

function countsRecord({ count, isExact, most }: CountedValues): Readonly<Record<string, unknown>> {
  return { count, is_exact: isExact, most };
}
