import { contextWords } from "@oddflow/preprocessing";
import type { Incident } from "./incident.ts";
import { shortName } from "./printable-text.ts";
import type { CountedValues } from "./value-counts.ts";

/** Columns that are named. */
const MOST_COLUMNS = 2;

/**
 * An incident in one line of plain words, such as `1,204 odd flows from 10.0.0.5 to about 950 destinations, port 23, in 12 min: history, proto`.
 */
export function incidentTitle(incident: Omit<Incident, "title">): string {
  const { flows, first, last, columns, ports } = incident;
  const what = flows === 1 ? "1 odd flow" : `${grouped(flows)} odd flows`;
  const names = columns.slice(0, MOST_COLUMNS).map(({ name }) => contextWords(name) ?? shortName(name));
  const seconds = last - first;
  const parts = [
    `${what} ${whose(incident)}`,
    ...(ports.count === 0 ? [] : [counted(ports, "port", "ports")]),
    ...(seconds < 1 ? [] : [`in ${lengthWords(seconds)}`]),
  ];
  return [parts.join(", "), ...(names.length === 0 ? [] : [names.join(", ")])].join(": ");
}

function whose({ host, network, sources, destinations }: Omit<Incident, "title">): string {
  const name = `${shortName(host)}${network === null ? "" : ` (${shortName(network)})`}`;
  const isOnly = ({ count, most }: CountedValues): boolean => count === 1 && most[0]?.value === host;
  if (isOnly(sources))
    return `from ${name}${destinations.count === 0 ? "" : ` to ${counted(destinations, "", "destinations")}`}`;
  if (isOnly(destinations))
    return `to ${name}${sources.count === 0 ? "" : ` from ${counted(sources, "", "sources")}`}`;
  return `of ${name}`;
}

/** The one value, or how many there are. */
function counted({ count, isExact, most }: CountedValues, one: string, many: string): string {
  const [only] = most;
  if (count === 1 && only !== undefined) return `${one} ${shortName(only.value)}`.trim();
  return `${isExact ? "" : "about "}${grouped(count)} ${many}`;
}

function lengthWords(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 100 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`;
}

/** A whole number with separators. */
function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
