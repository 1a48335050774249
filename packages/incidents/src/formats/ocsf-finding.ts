import type { FlowEnds } from "../alarm.ts";
import type { Incident } from "../incident.ts";
import { riskScore } from "../severity.ts";
import { ipOf, namedAddresses, portOf } from "./event-ends.ts";
import { eventMilliseconds } from "./event-times.ts";
import { incidentRecord } from "./incident-record.ts";
import { PRODUCT, type Producer } from "./producer.ts";

const OCSF_VERSION = "1.5.0";

/** Detection Finding, of the category Findings; its first activity is Create. */
const FINDING = { category_uid: 2, class_uid: 2004, activity_id: 1, type_uid: 200401 } as const;

/** Severities in OCSF's numbers and words, each from one of ours on. */
const SEVERITIES = [
  { from: 9, severity_id: 5, severity: "Critical" },
  { from: 7, severity_id: 4, severity: "High" },
  { from: 4, severity_id: 3, severity: "Medium" },
  { from: 0, severity_id: 2, severity: "Low" },
] as const;

/** `ip` in OCSF's list of what an observable is. */
const IP_ADDRESS = 2;

/**
 * An incident as a Detection Finding of the Open Cybersecurity Schema Framework. Its evidence is the example; what the schema has no attribute
 * for is under `unmapped`, as Oddflow's own lines have it.
 */
export function ocsfFinding(incident: Incident, { version }: Producer): Readonly<Record<string, unknown>> {
  const { id, title, first, last, severity: own, weight, example } = incident;
  const { severity_id, severity } = SEVERITIES.find(({ from }) => own >= from) ?? SEVERITIES[3];
  const [start, end] = [eventMilliseconds(first), eventMilliseconds(last)];
  const observables = namedAddresses(incident).map((value) => ({
    name: "evidences.data",
    type: "IP Address",
    type_id: IP_ADDRESS,
    value,
  }));
  return {
    ...FINDING,
    category_name: "Findings",
    class_name: "Detection Finding",
    activity_name: "Create",
    type_name: "Detection Finding: Create",
    severity_id,
    severity,
    status_id: 1,
    status: "New",
    time: end,
    start_time: start,
    end_time: end,
    count: incident.flows,
    message: title,
    risk_score: Math.round(riskScore(weight, own)),
    metadata: {
      version: OCSF_VERSION,
      uid: id,
      product: { name: PRODUCT.name, vendor_name: PRODUCT.vendor, version, feature: { name: PRODUCT.part } },
    },
    finding_info: {
      uid: id,
      title,
      desc: example.reasons.join("; ") || title,
      types: ["Anomaly"],
      first_seen_time: start,
      last_seen_time: end,
      created_time: end,
      analytic: { name: "Odd flows", type_id: 4, type: "Learning (ML/DL)" },
    },
    evidences: [evidence(incident)],
    ...(observables.length === 0 ? {} : { observables }),
    unmapped: incidentRecord(incident),
  };
}

function evidence(incident: Incident): Readonly<Record<string, unknown>> {
  const { flow } = incident.example;
  const source = endpoint(flow.source, flow.sourcePort);
  const destination = endpoint(flow.destination, flow.port);
  return {
    ...(source === undefined ? {} : { src_endpoint: source }),
    ...(destination === undefined ? {} : { dst_endpoint: destination }),
    ...connection(flow),
    data: incidentRecord(incident)["example"],
  };
}

function endpoint(
  address: string | null,
  port: string | null,
): Readonly<Record<string, unknown>> | undefined {
  if (address === null) return undefined;
  const [ip, number] = [ipOf(address), portOf(port)];
  return {
    ...(ip === undefined ? { name: address } : { ip }),
    ...(number === undefined ? {} : { port: number }),
  };
}

/** Which way it went is not known. */
function connection({ protocol }: FlowEnds): Readonly<Record<string, unknown>> {
  if (protocol === null) return {};
  return {
    connection_info: { direction_id: 0, direction: "Unknown", protocol_name: protocol.toLowerCase() },
  };
}
