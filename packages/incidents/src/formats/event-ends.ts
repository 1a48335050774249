import { parseAddress } from "@oddflow/flow-sources";
import type { Incident } from "../incident.ts";
import type { CountedValues } from "../value-counts.ts";

const MOST_PORT = 65_535;

/** A text that is an address of IPv4 or IPv6, without an interface's name behind it; undefined for any other text. */
export function ipOf(text: string | null): string | undefined {
  return text === null || parseAddress(text) === undefined ? undefined : text.split("%", 1)[0];
}

/** A port's number; undefined for what is none. */
export function portOf(text: string | null): number | undefined {
  if (text === null || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= MOST_PORT ? port : undefined;
}

/** The only value that some flows have, where they have one. */
export function onlyValue({ count, most }: CountedValues): string | null {
  return count === 1 ? (most[0]?.value ?? null) : null;
}

/** The addresses that an incident names, each once. */
export function namedAddresses({ sources, destinations }: Incident): readonly string[] {
  const texts = [...sources.most, ...destinations.most].map(({ value }) => ipOf(value));
  return [...new Set(texts.filter((text) => text !== undefined))];
}
