import type { Incident } from "../incident.ts";
import { printableText, shortened } from "../printable-text.ts";
import type { CountedValues } from "../value-counts.ts";
import { ipOf, onlyValue, portOf } from "./event-ends.ts";
import { eventMilliseconds } from "./event-times.ts";
import { PRODUCT, type Producer } from "./producer.ts";

/** So many letters ArcSight keeps of a name, a message and a custom text. */
const LONGEST = { name: 512, message: 1023, custom: 4000 } as const;

/** The event class: what a correlation rule is about. */
const EVENT_CLASS = "odd-flows";

/**
 * An incident as a record of ArcSight's Common Event Format, CEF:0, on one line (Micro Focus, ArcSight Common Event Format, revision 25). `src`, `dst`,
 * `dpt` and `proto` are of the example. Severity is ours, 0 to 10. In the name `|`, `\\` and `=` are `_`.
 */
export function cefRecord(incident: Incident, { version }: Producer): string {
  const { vendor, name } = PRODUCT;
  const header = [
    vendor,
    name,
    version,
    EVENT_CLASS,
    shortened(incident.title, LONGEST.name),
    String(incident.severity),
  ];
  const extension = extensionFields(incident).map(([key, value]) => `${key}=${extensionText(value)}`);
  return `CEF:0|${header.map(headerText).join("|")}|${extension.join(" ")}`;
}

function extensionFields(incident: Incident): readonly (readonly [key: string, value: string])[] {
  const { example, columns, network, rules } = incident;
  const { source, destination, sourcePort, port, protocol } = example.flow;
  const number = (text: string | null): string | undefined => portOf(text)?.toString();
  const fields: readonly (readonly [key: string, value: string | undefined])[] = [
    ["externalId", incident.id],
    ["start", String(eventMilliseconds(incident.first))],
    ["end", String(eventMilliseconds(incident.last))],
    ["cnt", String(incident.flows)],
    ...endFields(source, ["src", "c6a2", "Source IPv6 Address", "shost"]),
    ["spt", number(sourcePort)],
    ...endFields(destination, ["dst", "c6a3", "Destination IPv6 Address", "dhost"]),
    ["dpt", number(port)],
    ["proto", protocol?.toUpperCase()],
    ["msg", shortened(example.reasons.join("; ") || incident.title, LONGEST.message)],
    ...labelled("cs1", "columns", columns.map((column) => column.name).join(", ")),
    ...labelled("cs2", "host", incident.host),
    ...labelled("cs3", "network", network),
    ...labelled("cs4", "destinations", valuesText(incident.destinations)),
    ...labelled("cs5", "ports", valuesText(incident.ports)),
    ...labelled("cs6", "rules", valuesText(rules)),
    ...labelled("cn1", "destinationCount", String(incident.destinations.count)),
    ...labelled("cn2", "portCount", String(incident.ports.count)),
    ...labelled("cn3", "escalatedFlows", String(incident.escalated)),
    ...labelled("cfp1", "score", String(incident.score)),
    ...labelled("cfp2", "probability", String(incident.probability)),
  ];
  return fields.flatMap(([key, value]) =>
    value === undefined || value.trim() === "" ? [] : [[key, value] as const],
  );
}

/** An end of a flow: `src` and `dst` hold addresses of IPv4 alone. */
function endFields(
  address: string | null,
  [v4, v6, label, host]: readonly [v4: string, v6: string, label: string, host: string],
): readonly (readonly [key: string, value: string | undefined])[] {
  if (address === null) return [];
  const ip = ipOf(address);
  if (ip === undefined) return [[host, address]];
  return ip.includes(":") ? labelled(v6, label, ip) : [[v4, ip]];
}

/** A field of one's own, with what it is. */
function labelled(key: string, label: string, value: string | null): readonly (readonly [string, string])[] {
  if (value === null || value.trim() === "") return [];
  return [
    [key, shortened(value, LONGEST.custom)],
    [`${key}Label`, label],
  ];
}

function valuesText(values: CountedValues): string | null {
  return onlyValue(values) ?? values.most.map(({ value }) => value).join(", ");
}

/** Without `|`, `\` and `=`: jc and pycef lose name and severity of an event whose name has one, however it is written. */
function headerText(text: string): string {
  return printableText(text).replace(/[\\|=]/g, "_");
}

/** Spaces around a value would be taken for those between fields. */
function extensionText(text: string): string {
  const lines = text.trim().split(/\r\n|[\n\r]/);
  return lines.map((line) => printableText(line).replace(/[\\=]/g, "\\$&")).join("\\n");
}
