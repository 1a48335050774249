import type { FlowEnds } from "./alarm.ts";
import type { CountedValues } from "./value-counts.ts";

/** A column by which flows of an incident were odd. */
export interface IncidentColumn {
  readonly name: string;
  /** How many of the flows were odd by it. */
  readonly flows: number;
  /** In words, how it was in the flow where it was oddest; null where no flow has reasons. */
  readonly strongest: string | null;
}

/** The oddest flow of an incident. */
export interface IncidentExample {
  /** Seconds since 1970. */
  readonly time: number;
  readonly score: number;
  readonly probability: number;
  /** Most telling first. */
  readonly columns: readonly string[];
  /** In words, most telling first; empty where it has none. */
  readonly reasons: readonly string[];
  readonly flow: FlowEnds;
}

/** Alarms of one host that belong together. Plain JSON. */
export interface Incident {
  /** 16 hexadecimal digits that hang on host, network, first time and columns alone: the same incident, found again, has the same. */
  readonly id: string;
  /** One line in plain words. */
  readonly title: string;
  readonly host: string;
  readonly network: string | null;
  /** Of its flows' times, in seconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** How many alarms. */
  readonly flows: number;
  /** Of how many a rule says that they matter. */
  readonly escalated: number;
  /** These rules. */
  readonly rules: CountedValues;
  /** 0 to 10: see `severityOf`. */
  readonly severity: number;
  /** The sum of 1 / probability over its flows: how many usual flows it weighs. */
  readonly weight: number;
  /** The highest. */
  readonly score: number;
  /** The least. */
  readonly probability: number;
  /** Those of most flows first, then those that were most telling. */
  readonly columns: readonly IncidentColumn[];
  readonly sources: CountedValues;
  readonly destinations: CountedValues;
  /** Of services. */
  readonly ports: CountedValues;
  readonly protocols: CountedValues;
  readonly example: IncidentExample;
}
