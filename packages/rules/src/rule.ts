import type { RuleVerdict } from "@oddflow/preprocessing";

/** The days of a week as rules write them, from Monday on. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** A day of the week, `mon` to `sun`. */
export type Day = (typeof DAYS)[number];

/** A value that a rule names. A text that is a network, such as 10.0.0.0/8, stands for the addresses in it. */
export type NamedValue = string | number | boolean;

/** What a column's value must be. */
export type Condition =
  /** One of these. */
  | NamedValue
  | readonly NamedValue[]
  /** A number between two, both included; one of them may be absent. */
  | { readonly from?: number; readonly to?: number }
  /** The whole value: `*` stands for any letters, `?` for one. */
  | { readonly pattern: string };

/** When a flow must have been. */
export interface TimeWindow {
  /** Absent for all. A window over midnight belongs to the day on which it begins. */
  readonly days?: readonly Day[];
  /** HH:MM by the zone's clocks, the first minute that is in it; midnight where it is absent. */
  readonly from?: string;
  /** The first minute that is no longer in it; midnight, 24:00, where it is absent. Before `from` it is one of the next day. */
  readonly to?: string;
  /** As the IANA data base names it; UTC where it is absent. */
  readonly zone?: string;
}

/** What a person says of alarms that are alike. Plain data. */
export interface Rule {
  readonly id: string;
  readonly comment?: string;
  readonly verdict: RuleVerdict;
  /** By column; all must hold. */
  readonly match?: Readonly<Record<string, Condition>>;
  /** Addresses or networks, in one of which one end of the flow must be. */
  readonly host?: string | readonly string[];
  readonly during?: TimeWindow;
  /** YYYY-MM-DD: of flows from 00:00 UTC of that day on the rule says nothing. */
  readonly expires?: string;
}

/** Rules in their order, of which the first one that matches an alarm decides. Plain data. */
export interface RuleSet {
  readonly rules: readonly Rule[];
}
