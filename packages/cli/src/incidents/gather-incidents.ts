import { type AlarmReading, type Incident, type IncidentOptions, IncidentStream } from "@oddflow/incidents";

/** What came of some flows. */
export interface IncidentCounts {
  /** Flows that were looked at: of a table its alarms alone. */
  readonly flows: number;
  /** Those that are in an incident. */
  readonly alarms: number;
  readonly incidents: number;
  /** Incidents with an alarm that a rule escalates. */
  readonly escalated: number;
  /** Alarms that are in none, since they lack it. */
  readonly withoutHost: number;
  readonly withoutTime: number;
  /** Incidents that were closed before their time, since too many were open. */
  readonly closedEarly: number;
}

/**
 * Puts alarms together, some at a time. Where reading fails, incidents that have begun are given before that is thrown: a
 * pipe's alarms do not come again.
 * @param found is given incidents when they have ended, and says whether more are of use
 */
export async function gatherIncidents(
  readings: AsyncIterable<readonly AlarmReading[]>,
  options: IncidentOptions,
  found: (incidents: readonly Incident[]) => Promise<boolean>,
): Promise<IncidentCounts> {
  const stream = new IncidentStream(options);
  const counts = { flows: 0, alarms: 0, incidents: 0, escalated: 0, withoutHost: 0, withoutTime: 0 };
  const tell = async (incidents: readonly Incident[]): Promise<boolean> => {
    counts.incidents += incidents.length;
    counts.escalated += incidents.filter(({ escalated }) => escalated > 0).length;
    return incidents.length === 0 || found(incidents);
  };
  let failure: { readonly thrown: unknown } | undefined;
  try {
    for await (const some of readings) {
      for (const { time, alarm, lacks } of some) {
        counts.flows++;
        if (lacks === "host") counts.withoutHost++;
        if (lacks === "time") counts.withoutTime++;
        if (alarm === undefined) {
          stream.see(time);
        } else {
          counts.alarms++;
          stream.add(alarm);
        }
      }
      if (!(await tell(stream.take()))) break;
    }
  } catch (thrown) {
    failure = { thrown };
  }
  await tell(stream.end());
  if (failure !== undefined) throw failure.thrown;
  return { ...counts, closedEarly: stream.closedEarly };
}
