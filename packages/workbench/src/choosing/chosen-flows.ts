import { rocAuc, rocCurve } from "@oddflow/evaluation";
import type { ValueAxis } from "@oddflow/report/look";
import { binScores, type ScoreBins } from "../charts/score-bins.ts";
import { countTimes, type TimeBins } from "../charts/time-bins.ts";
import { chooseRows, countAlarms, type TimeRange } from "./alarms.ts";

/** The rows of a scored table. */
export interface RankedRows {
  /** One a row. */
  readonly scores: Float32Array;
  /** The rows in falling order of their scores. */
  readonly order: Uint32Array;
  /** On which the scores are drawn. */
  readonly axis: ValueAxis;
  /** When each row was, in seconds since 1970, NaN where that is not known, and the bins in which rows are counted. */
  readonly time?: { readonly seconds: Float64Array; readonly bins: TimeBins };
  /** What each row is labelled as: `names[codes[row]]`. */
  readonly label?: { readonly names: readonly string[]; readonly codes: Uint16Array };
}

/** What the chosen flows come to. */
export interface ChosenFlows {
  /** Those that pass the filters and lie in the time range. */
  readonly rows: number;
  /** How their scores are spread, and those of the ones that can raise an alarm: rules take none of these away. */
  readonly spread: ScoreBins;
  /** Of each label as many as are chosen, in the order of its names; empty without labels. */
  readonly labels: Uint32Array;
  /** Those that pass the filters, whenever they were, and in each bin of time; empty without times. */
  readonly filtered: number;
  readonly overTime: Uint32Array;
}

/** What the alarms among the chosen flows come to, as `ChosenFlows` counts them. */
export interface AlarmCounts {
  readonly rows: number;
  /** Before any rule. */
  readonly odd: number;
  readonly labels: Uint32Array;
  readonly filtered: number;
  readonly overTime: Uint32Array;
}

/** Which rows of a scored table are looked at. It lives where the table does. */
export class RowChoice {
  readonly #all: RankedRows;
  /** Rows that pass the filters, and those of them that lie in the time range, both in falling order of their scores. */
  #filtered: Uint32Array;
  #chosen: Uint32Array;
  /** Of both those whose alarm no rule takes away. */
  #filteredLeft: Uint32Array;
  #chosenLeft: Uint32Array;

  /** All rows, until others are chosen. */
  constructor(all: RankedRows) {
    this.#all = all;
    this.#filtered = all.order;
    this.#chosen = all.order;
    this.#filteredLeft = all.order;
    this.#chosenLeft = all.order;
  }

  /** The chosen rows, the oddest first. */
  get rows(): Uint32Array {
    return this.#chosen;
  }

  /** The chosen rows that raise an alarm, the oddest first. */
  alarmRows(threshold: number): Uint32Array {
    return this.#chosenLeft.subarray(0, countAlarms(this.#all.scores, this.#chosenLeft, threshold));
  }

  /** All rows that are anomalies before any rule, the oddest first. */
  oddRows(threshold: number): Uint32Array {
    const { scores, order } = this.#all;
    return order.subarray(0, countAlarms(scores, order, threshold));
  }

  /**
   * @param passes 1 for each row that passes the filters; all do where it is absent
   * @param suppressed 1 for each row whose alarm a rule takes away; none is where it is absent
   */
  choose(
    passes: Uint8Array | undefined,
    range: TimeRange | undefined,
    suppressed?: Uint8Array | undefined,
  ): ChosenFlows {
    const { order, scores, axis, time } = this.#all;
    this.#filtered = chooseRows(order, passes);
    this.#chosen = chooseRows(this.#filtered, undefined, time?.seconds, range);
    this.#filteredLeft = withoutSuppressed(this.#filtered, suppressed);
    this.#chosenLeft = withoutSuppressed(this.#chosen, suppressed);
    return {
      rows: this.#chosen.length,
      spread: binScores(scores, this.#chosen, axis, suppressed),
      labels: this.#countLabels(this.#chosen),
      filtered: this.#filtered.length,
      overTime: this.#countTimes(this.#filtered),
    };
  }

  countAlarms(threshold: number): AlarmCounts {
    const rows = this.alarmRows(threshold);
    const filtered = countAlarms(this.#all.scores, this.#filteredLeft, threshold);
    return {
      rows: rows.length,
      odd: countAlarms(this.#all.scores, this.#chosen, threshold),
      labels: this.#countLabels(rows),
      filtered,
      overTime: this.#countTimes(this.#filteredLeft.subarray(0, filtered)),
    };
  }

  /**
   * Area under the ROC curve of the chosen rows; NaN where all are attacks or none is.
   * @param isAttack of each label
   */
  rocAuc(isAttack: Uint8Array): number {
    const { scores, label } = this.#all;
    if (label === undefined) return Number.NaN;
    const own = this.#chosen.map((row) => isAttack[label.codes[row] as number] as number);
    const attacks = Uint8Array.from(own);
    if (!(attacks.includes(1) && attacks.includes(0))) return Number.NaN;
    const ownScores = Float32Array.from(this.#chosen, (row) => scores[row] as number);
    return rocAuc(rocCurve(ownScores, attacks));
  }

  #countLabels(rows: Uint32Array): Uint32Array {
    const { label } = this.#all;
    const counts = new Uint32Array(label?.names.length ?? 0);
    if (label === undefined) return counts;
    for (const row of rows) {
      const code = label.codes[row] as number;
      counts[code] = (counts[code] as number) + 1;
    }
    return counts;
  }

  #countTimes(rows: Uint32Array): Uint32Array {
    const { time } = this.#all;
    return time === undefined ? new Uint32Array() : countTimes(time.bins, time.seconds, rows);
  }
}

function withoutSuppressed(rows: Uint32Array, suppressed: Uint8Array | undefined): Uint32Array {
  return suppressed === undefined ? rows : rows.filter((row) => suppressed[row] !== 1);
}
