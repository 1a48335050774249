import type { Alarm } from "./alarm.ts";
import type { Incident, IncidentColumn } from "./incident.ts";
import { incidentTitle } from "./incident-title.ts";
import { flowWeight, severityOf } from "./severity.ts";
import { textDigest } from "./text-hash.ts";
import { compareTexts, ValueCounts } from "./value-counts.ts";

/** Models have fewer columns; more names come from no model. */
const MOST_COLUMNS = 1000;

interface ColumnTally {
  flows: number;
  /** Of its places among the columns of each flow, from 0: the sum. */
  places: number;
  error: number;
  strongest: string | null;
}

/** What some alarms of one host come to, in bounded memory, whatever the order in which they were added. */
export class AlarmTally {
  readonly host: string;
  readonly network: string | null;
  first: number;
  last: number;
  #flows = 0;
  #escalated = 0;
  #weight = 0;
  #score = Number.NEGATIVE_INFINITY;
  #probability = 1;
  readonly #rules = new ValueCounts();
  readonly #sources = new ValueCounts();
  readonly #destinations = new ValueCounts();
  readonly #ports = new ValueCounts();
  readonly #protocols = new ValueCounts();
  readonly #columns = new Map<string, ColumnTally>();
  #example: Alarm;

  /** @param alarm its first */
  constructor(alarm: Alarm) {
    this.host = alarm.host;
    this.network = alarm.network;
    this.first = alarm.time;
    this.last = alarm.time;
    this.#example = alarm;
    this.add(alarm);
  }

  add(alarm: Alarm): void {
    this.#span(alarm.time, alarm.time);
    this.#flows++;
    this.#weight += flowWeight(alarm.probability);
    this.#score = Math.max(this.#score, alarm.score);
    this.#probability = Math.min(this.#probability, alarm.probability);
    if (alarm.rule !== null) {
      this.#escalated++;
      this.#rules.add(alarm.rule);
    }
    const { source, destination, port, protocol } = alarm.flow;
    this.#sources.add(source);
    this.#destinations.add(destination);
    this.#ports.add(port);
    this.#protocols.add(protocol);
    for (const [places, name] of [...new Set(alarm.columns)].entries())
      this.#addColumn(name, { flows: 1, places, error: Number.NEGATIVE_INFINITY, strongest: null });
    for (const { column, error, text } of alarm.reasons)
      this.#addColumn(column, { flows: 0, places: 0, error, strongest: text });
    if (isOdder(alarm, this.#example)) this.#example = alarm;
  }

  addAll(other: AlarmTally): void {
    this.#span(other.first, other.last);
    this.#flows += other.#flows;
    this.#escalated += other.#escalated;
    this.#weight += other.#weight;
    this.#score = Math.max(this.#score, other.#score);
    this.#probability = Math.min(this.#probability, other.#probability);
    this.#rules.addAll(other.#rules);
    this.#sources.addAll(other.#sources);
    this.#destinations.addAll(other.#destinations);
    this.#ports.addAll(other.#ports);
    this.#protocols.addAll(other.#protocols);
    for (const [name, column] of other.#columns) this.#addColumn(name, column);
    if (isOdder(other.#example, this.#example)) this.#example = other.#example;
  }

  /** @param kind what tells incidents of one host apart that begin together */
  incident(kind: string): Incident {
    const { time, score, probability, columns, reasons, flow } = this.#example;
    const incident = {
      id: textDigest(JSON.stringify([this.network, this.host, this.first, kind])),
      title: "",
      host: this.host,
      network: this.network,
      first: this.first,
      last: this.last,
      flows: this.#flows,
      escalated: this.#escalated,
      rules: this.#rules.values(),
      severity: severityOf(this.#weight, this.#escalated > 0),
      weight: this.#weight,
      score: this.#score,
      probability: this.#probability,
      columns: this.#sortedColumns(),
      sources: this.#sources.values(),
      destinations: this.#destinations.values(),
      ports: this.#ports.values(),
      protocols: this.#protocols.values(),
      example: { time, score, probability, columns, reasons: reasons.map(({ text }) => text), flow },
    };
    return { ...incident, title: incidentTitle(incident) };
  }

  #span(first: number, last: number): void {
    this.first = Math.min(this.first, first);
    this.last = Math.max(this.last, last);
  }

  #addColumn(name: string, { flows, places, error, strongest }: Readonly<ColumnTally>): void {
    const known = this.#columns.get(name);
    if (known === undefined) {
      if (this.#columns.size < MOST_COLUMNS) this.#columns.set(name, { flows, places, error, strongest });
      return;
    }
    known.flows += flows;
    known.places += places;
    if (strongest === null || error < known.error) return;
    if (known.strongest !== null && error === known.error && strongest >= known.strongest) return;
    known.error = error;
    known.strongest = strongest;
  }

  #sortedColumns(): IncidentColumn[] {
    return [...this.#columns]
      .sort(
        ([a, one], [b, other]) => other.flows - one.flows || one.places - other.places || compareTexts(a, b),
      )
      .map(([name, { flows, strongest }]) => ({ name, flows, strongest }));
  }
}

/** What tells flows apart whose alarms are alike. */
const ENDS = ["source", "destination", "port", "sourcePort", "protocol", "id"] as const;

/** Whether an alarm stands for an incident rather than another one: the higher score, the earlier time, then by what it says. */
function isOdder(one: Alarm, other: Alarm): boolean {
  if (one.score !== other.score) return one.score > other.score;
  if (one.time !== other.time) return one.time < other.time;
  for (const end of ENDS) {
    const [own, its] = [one.flow[end] ?? "", other.flow[end] ?? ""];
    if (own !== its) return own < its;
  }
  if (one.flow.row !== other.flow.row) return (one.flow.row ?? 0) < (other.flow.row ?? 0);
  return compareTexts(JSON.stringify(one), JSON.stringify(other)) < 0;
}
