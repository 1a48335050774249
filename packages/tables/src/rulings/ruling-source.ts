import { type FlowRecord, isSuppressed, type Ruling, type WasScored } from "@oddflow/preprocessing";

/** The operation, in messages. */
export const APPLYING = "apply rules";

/** Says what rules say of flows. */
export interface RulingSource {
  /** Of flows with these columns; values are asked for by their places among those that the rules look at. */
  bind(columns: readonly string[]): {
    readonly columns: readonly string[];
    ruling(value: (place: number) => unknown): Ruling | undefined;
  };
  ruling(record: FlowRecord): Ruling | undefined;
}

/** How rules are applied to a scored table. */
export interface ApplyRulingsOptions {
  /** Where the table goes; it has the form of the scored one. The same path where it takes that one's place. */
  readonly out: string;
  /** Whether it takes the scored one's place. */
  readonly inPlace: boolean;
  readonly rules: RulingSource;
  /** Whether flows say what a rule said; where not, they lose what they said before. */
  readonly hasRules: boolean;
  readonly signal?: AbortSignal;
}

/** What was found of flows, and what was said. */
export class RulingCounts {
  flows = 0;
  /** Alarms before any rule. */
  odd = 0;
  /** Alarms before and after these rules. */
  before = 0;
  alarms = 0;
  /** How many alarms each rule took away, and how many it marked, by its id. */
  readonly suppressed: Map<string, number> = new Map<string, number>();
  readonly escalated: Map<string, number> = new Map<string, number>();

  /** @param ruling of a flow that is odd */
  add(was: WasScored, ruling: Ruling | null): void {
    this.flows++;
    this.before += Number(was.isAnomaly);
    if (!was.isOdd) return;
    this.odd++;
    this.alarms += Number(!isSuppressed(ruling));
    if (ruling === null) return;
    const counts = isSuppressed(ruling) ? this.suppressed : this.escalated;
    counts.set(ruling.rule, (counts.get(ruling.rule) ?? 0) + 1);
  }
}
