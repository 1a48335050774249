import type { Incident } from "../incident.ts";
import { riskScore } from "../severity.ts";
import { ipOf, namedAddresses, onlyValue, portOf } from "./event-ends.ts";
import { eventMilliseconds, eventStamp } from "./event-times.ts";
import { incidentRecord } from "./incident-record.ts";
import { PRODUCT, type Producer } from "./producer.ts";

/** The version whose fields these are; they mean the same in 9.x. */
const ECS_VERSION = "8.11.0";

/**
 * An incident as a document of the Elastic Common Schema: an alert about the network. What the schema has no field for is under `oddflow`, as
 * Oddflow's own lines have it. `source` and `destination` name an end where all flows share it; `related.ip` names the others.
 */
export function ecsEvent(incident: Incident, { version }: Producer): Readonly<Record<string, unknown>> {
  const { id, title, severity, first, last, weight, protocols, rules } = incident;
  const transport = onlyValue(protocols)?.toLowerCase();
  const [rule] = rules.most;
  const related = namedAddresses(incident);
  const {
    id: _id,
    title: _title,
    severity: _severity,
    first_seen: _first,
    last_seen: _last,
    ...own
  } = incidentRecord(incident);
  return {
    "@timestamp": eventStamp(last),
    ecs: { version: ECS_VERSION },
    message: title,
    event: {
      kind: "alert",
      category: ["network"],
      type: ["info"],
      module: "oddflow",
      dataset: "oddflow.incidents",
      provider: PRODUCT.part,
      id,
      start: eventStamp(first),
      end: eventStamp(last),
      // Nanoseconds.
      duration: (eventMilliseconds(last) - eventMilliseconds(first)) * 1e6,
      severity,
      risk_score: riskScore(weight, severity),
      reason: title,
    },
    ...endFields("source", onlyValue(incident.sources), null),
    ...endFields("destination", onlyValue(incident.destinations), onlyValue(incident.ports)),
    ...(transport === undefined ? {} : { network: { transport } }),
    ...(related.length === 0 ? {} : { related: { ip: related } }),
    ...(rule === undefined ? {} : { rule: { id: rule.value } }),
    observer: { vendor: PRODUCT.vendor, product: PRODUCT.name, type: "ids", version },
    oddflow: { incident: own },
  };
}

function endFields(
  end: "source" | "destination",
  address: string | null,
  port: string | null,
): Readonly<Record<string, unknown>> {
  const [ip, number] = [ipOf(address), portOf(port)];
  if (address === null && number === undefined) return {};
  return {
    [end]: {
      ...(address === null ? {} : { address }),
      ...(ip === undefined ? {} : { ip }),
      ...(number === undefined ? {} : { port: number }),
    },
  };
}
