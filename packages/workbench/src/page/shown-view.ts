import { type Signal, signal } from "@preact/signals";
import type { HostsRequest } from "../hosts/shown-hosts.ts";

/** What a scored table is looked at as. */
export const VIEWS = ["flows", "hosts", "incidents", "rules", "comparison"] as const;

export type ViewName = (typeof VIEWS)[number];

/** Which view is shown, and what was chosen in those that come and go. */
export interface ShownView {
  readonly name: Signal<ViewName>;
  readonly hosts: Signal<HostsRequest>;
  /** What a host of an incident is: source, destination or pair. */
  readonly incidentsBy: Signal<string>;
  /** Whether the list of flows takes the keyboard when it is shown. */
  readonly goesToList: Signal<boolean>;
}

const HOUR = 3600;

/** As `oddflow hosts` has it. */
const FIRST_HOSTS: HostsRequest = { entity: "source", seconds: HOUR, alarmsADay: 5 };

export function createView(): ShownView {
  return {
    name: signal<ViewName>("flows"),
    hosts: signal(FIRST_HOSTS),
    incidentsBy: signal("source"),
    goesToList: signal(false),
  };
}
