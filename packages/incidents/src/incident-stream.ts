import type { Alarm } from "./alarm.ts";
import { AlarmTally } from "./alarm-tally.ts";
import type { Incident } from "./incident.ts";
import { StreamClock } from "./stream-clock.ts";
import { compareTexts } from "./value-counts.ts";

/** How alarms are put together. */
export interface IncidentOptions {
  /** Seconds without an alarm that end an incident. */
  readonly gap: number;
  /** An incident spans no more seconds than this, from its first alarm to its last one. */
  readonly longest: number;
}

/** Ten minutes without an alarm end an incident, and an hour at most is one. In seconds. */
export const DEFAULT_INCIDENTS: IncidentOptions = { gap: 600, longest: 3600 };

/** The columns by which alarms are compared: the most telling ones. */
const LEADING = 3;

/** So many of them two alarms share that belong together, or all where one has fewer. */
const SHARED = 2;

/** So many incidents are open at most, and so many kinds of alarms wait for others of their time. */
const MOST_OPEN = 20_000;

interface OpenIncident {
  readonly owner: string;
  /** The leading columns of its first alarm, sorted. */
  readonly leading: readonly string[];
  readonly tally: AlarmTally;
}

/** Alarms of one host, time and set of leading columns. */
type AlarmsOfKind = OpenIncident;

/**
 * Puts alarms together into incidents. An alarm belongs to an open incident of its host and network that it is at most `gap` before or behind, that
 * stays within `longest` with it, and whose first alarm was odd by two of the alarm's three leading columns; of several to the one that shares
 * most, then to the one that was opened first. Alarms in the order of their times give the same incidents whatever the order of those of equal times; for
 * one that comes late an incident may have been closed. Every alarm is in exactly one incident.
 *
 * Memory is bounded: where more than 20,000 incidents are open, the one that has been silent for longest is closed, which `closedEarly` counts.
 */
export class IncidentStream {
  readonly #options: IncidentOptions;
  readonly #clock = new StreamClock();
  readonly #open = new Map<string, OpenIncident[]>();
  /** All that are open, those first that have been silent for longest. */
  readonly #byAge = new Set<OpenIncident>();
  /** Alarms of one time, since what is first among them must not hang on their order. */
  readonly #waiting = new Map<string, AlarmsOfKind>();
  #time = Number.NaN;
  #closed: Incident[] = [];
  #closedEarly = 0;

  constructor(options: IncidentOptions = DEFAULT_INCIDENTS) {
    this.#options = options;
  }

  /** Incidents that had to be closed before their time. */
  get closedEarly(): number {
    return this.#closedEarly;
  }

  add(alarm: Alarm): void {
    if (alarm.time !== this.#time || this.#waiting.size >= MOST_OPEN) this.#place();
    this.#time = alarm.time;
    const leading = [...new Set(alarm.columns.slice(0, LEADING))].sort();
    const owner = JSON.stringify([alarm.network, alarm.host]);
    const kind = JSON.stringify([owner, ...leading]);
    const known = this.#waiting.get(kind);
    if (known === undefined) this.#waiting.set(kind, { owner, leading, tally: new AlarmTally(alarm) });
    else known.tally.add(alarm);
    this.see(alarm.time);
  }

  /** Says that a flow of that time has come, an alarm or not: incidents may end by it. @param time seconds since 1970; NaN says nothing */
  see(time: number): void {
    this.#clock.see(time);
  }

  /** The incidents that have ended since this was called last, in the order in which they did. */
  take(): readonly Incident[] {
    const { now } = this.#clock;
    if (this.#time < now) this.#place();
    for (const incident of this.#byAge) {
      const { last } = incident.tally;
      // A wrong clock's incident stays open, and must not keep those behind it.
      if (last > now) continue;
      if (now - last <= this.#options.gap) break;
      this.#close(incident);
    }
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  /** All incidents that are left: no more alarms will come. */
  end(): readonly Incident[] {
    this.#place();
    for (const incident of this.#byAge) this.#close(incident);
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  /** Puts the alarms of one time where they belong. */
  #place(): void {
    const kinds = [...this.#waiting].sort(([one], [other]) => compareTexts(one, other));
    this.#waiting.clear();
    for (const [, alarms] of kinds) {
      const incident = this.#incidentOf(alarms);
      if (incident === undefined) this.#begin(alarms);
      else this.#join(incident, alarms);
    }
  }

  #incidentOf({ owner, leading, tally }: AlarmsOfKind): OpenIncident | undefined {
    const { gap, longest } = this.#options;
    let found: { readonly incident: OpenIncident; readonly shared: number } | undefined;
    for (const incident of [...(this.#open.get(owner) ?? [])]) {
      const { first, last } = incident.tally;
      // In the order of times no later alarm can belong to it either.
      if (tally.first > Math.min(last + gap, first + longest)) {
        this.#close(incident);
        continue;
      }
      if (tally.first < Math.max(first - gap, last - longest)) continue;
      const shared = leading.filter((name) => incident.leading.includes(name)).length;
      const needed = Math.min(SHARED, leading.length, incident.leading.length);
      if (shared >= needed && shared > (found?.shared ?? -1)) found = { incident, shared };
    }
    return found?.incident;
  }

  #begin(incident: OpenIncident): void {
    const others = this.#open.get(incident.owner);
    if (others === undefined) this.#open.set(incident.owner, [incident]);
    else others.push(incident);
    this.#byAge.add(incident);
    if (this.#byAge.size <= MOST_OPEN) return;
    const [oldest] = this.#byAge;
    this.#closedEarly++;
    this.#close(oldest as OpenIncident);
  }

  #join(incident: OpenIncident, { tally }: AlarmsOfKind): void {
    const isLast = tally.last > incident.tally.last;
    incident.tally.addAll(tally);
    if (!isLast) return;
    this.#byAge.delete(incident);
    this.#byAge.add(incident);
  }

  #close(incident: OpenIncident): void {
    this.#byAge.delete(incident);
    const others = (this.#open.get(incident.owner) ?? []).filter((own) => own !== incident);
    if (others.length === 0) this.#open.delete(incident.owner);
    else this.#open.set(incident.owner, others);
    this.#closed.push(incident.tally.incident(incident.leading.join("\0")));
  }
}
