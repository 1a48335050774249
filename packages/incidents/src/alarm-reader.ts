import {
  BETWEEN_HOSTS,
  findFlowEnds,
  findHostColumns,
  findTimeColumns,
  flowTime,
} from "@oddflow/flow-sources";
import { SCORE_COLUMN, SUPPRESSING_VERDICTS, wasScored } from "@oddflow/preprocessing";
import type { Alarm } from "./alarm.ts";
import { flowNumber, flowText } from "./flow-text.ts";
import { writtenColumns, writtenReasons } from "./written-reasons.ts";

/** What of scored flows alarms are made from. */
export interface AlarmColumns {
  /** What a host is: source, destination, pair, or a column. */
  readonly entity: string;
  /** The column that keeps networks apart; undefined where there is one network. */
  readonly network?: string | undefined;
  /** The column of times; undefined where it is found by its name. */
  readonly time?: string | undefined;
}

/** What a scored flow says. */
export interface AlarmReading {
  /** When it was, in seconds since 1970; NaN where that is not known. */
  readonly time: number;
  /** Undefined for a flow that raises none, or whose alarm lacks something. */
  readonly alarm: Alarm | undefined;
  /** What an alarm lacks, so that it can be in no incident. */
  readonly lacks: "host" | "time" | undefined;
}

/** Reads alarms of scored flows that have certain columns. */
export interface AlarmReader {
  /** The columns of which values are asked for, each once. */
  readonly columns: readonly string[];
  /** What scoring adds and flows lack: without these they were not scored. */
  readonly unscored: readonly string[];
  /** Whether flows say by which columns they were odd, why in words, whose they are, and when they were. */
  readonly hasTopColumns: boolean;
  readonly hasReasons: boolean;
  readonly hasHosts: boolean;
  readonly hasTimes: boolean;
  /** Whether flows have the column that keeps networks apart; true where none is named. */
  readonly hasNetworks: boolean;
  /**
   * @param value gives a value of the flow, by the place of its column among `columns`
   * @param row the flow's row in what is read, from 1; null where it has none
   */
  read(value: (place: number) => unknown, row: number | null): AlarmReading;
}

/** Without these a flow was not scored. */
const NEEDED = [SCORE_COLUMN.score, SCORE_COLUMN.isAnomaly, SCORE_COLUMN.rarity];

/** Makes a reader for flows with these columns, as their table calls them. */
export function alarmReader(
  columns: readonly string[],
  { entity, network, time }: AlarmColumns,
): AlarmReader {
  const asked: string[] = [];
  const place = (name: string): number => {
    const known = asked.indexOf(name);
    return known >= 0 ? known : asked.push(name) - 1;
  };
  const present = (names: readonly string[]): readonly number[] =>
    names.filter((name) => columns.includes(name)).map(place);
  const { score, isAnomaly, rarity, topColumns, reasons, rule, ruleVerdict } = SCORE_COLUMN;
  const times = present(time === undefined ? findTimeColumns(columns) : [time]);
  const hosts = (findHostColumns(columns, entity) ?? [[]]).map(present);
  const networks = present(network === undefined ? [] : [network]);
  const ends = findFlowEnds(columns);
  const [source, sourcePort, destination, port, protocol, id] = [
    present(ends.source),
    present(ends.sourcePort),
    present(ends.destination),
    present(ends.port),
    present(ends.protocol),
    present(ends.id),
  ];
  const [scores, flags, rarities, tops, whys, rules, verdicts] = [
    present([score]),
    present([isAnomaly]),
    present([rarity]),
    present([topColumns]),
    present([reasons]),
    present([rule]),
    present([ruleVerdict]),
  ];
  return {
    columns: asked,
    unscored: NEEDED.filter((name) => !columns.includes(name)),
    hasTopColumns: tops.length > 0,
    hasReasons: whys.length > 0,
    hasHosts: hosts.every((own) => own.length > 0),
    hasTimes: times.length > 0,
    hasNetworks: network === undefined || networks.length > 0,
    read(value, row) {
      const one = ([first]: readonly number[]): unknown => (first === undefined ? undefined : value(first));
      const text = (places: readonly number[]): string | null => {
        for (const own of places) {
          const found = flowText(value(own));
          if (found !== null) return found;
        }
        return null;
      };
      const when = flowTime(times.map(value));
      const verdict = one(verdicts);
      const isSuppressed = (SUPPRESSING_VERDICTS as readonly unknown[]).includes(verdict);
      if (isSuppressed || !wasScored(one(flags), verdict).isAnomaly)
        return { time: when, alarm: undefined, lacks: undefined };
      const names = hosts.map(text);
      if (names.includes(null)) return { time: when, alarm: undefined, lacks: "host" };
      if (Number.isNaN(when)) return { time: when, alarm: undefined, lacks: "time" };
      const own = flowNumber(one(scores));
      const probability = flowNumber(one(rarities));
      const alarm: Alarm = {
        host: names.join(BETWEEN_HOSTS),
        network: text(networks),
        time: when,
        score: Number.isNaN(own) ? 0 : own,
        probability: Number.isNaN(probability) ? 1 : probability,
        columns: writtenColumns(one(tops)),
        reasons: writtenReasons(one(whys), own),
        rule: verdict === "escalate" ? text(rules) : null,
        flow: {
          source: text(source),
          sourcePort: text(sourcePort),
          destination: text(destination),
          port: text(port),
          protocol: text(protocol),
          id: text(id),
          row,
        },
      };
      return { time: when, alarm, lacks: undefined };
    },
  };
}
