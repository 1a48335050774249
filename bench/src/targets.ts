import type { Spread } from "./processes/in-turns.ts";

/** A figure that a target is set for, or that stands beside one for comparison. */
export interface Target {
  readonly figure: FigureName;
  readonly what: string;
  readonly relation: "at least" | "at most";
  readonly limit: number;
  readonly unit: "" | "times" | "MB" | "ms" | "flows/s";
  /** False where the target is set for the default detector, and this is one network of the peers' shape. */
  readonly isHeld: boolean;
}

type FigureName =
  | "boundShare"
  | "boundShareOf10Million"
  | "boundShareByDefault"
  | "boundShareOf10MillionByDefault"
  | "copyShareByDefault"
  | "peerSpeed"
  | "peerSpeedByDefault"
  | "peerMemory"
  | "peerMemoryByDefault"
  | "peakMemory"
  | "peakMemoryGrowth"
  | "modelAgainstPeer1"
  | "modelAgainstPeer256"
  | "modelAgainstPeer4096"
  | "modelAgainstPeer65536"
  | "pipeAgainstFormer"
  | "pipeShare"
  | "csvShare"
  | "zeekShare"
  | "tableAgainstFormer"
  | "serveAgainstFormer"
  | "trainAgainstFormer"
  | "shortRun"
  | "trainingAgainstPeer"
  | "trainingAgainstJax"
  | "trainingAgainstWasm"
  | "coldStart"
  | "twoCores"
  | "coresOfStages"
  | "serviceShare"
  | "serviceMemoryGrowth"
  | "serviceFewFlows"
  | "serviceHealth"
  | "zeekFlows"
  | "zeekAgainstPeer"
  | "nfdumpFlows"
  | "nfdumpAgainstPeer"
  | "nfdump48Flows"
  | "nfdump48AgainstPeer"
  | "argusFlows"
  | "argusAgainstPeer"
  | "suricataFlows"
  | "suricataAgainstPeer"
  | "contextFlows"
  | "contextMemory"
  | "contextTable";

/** Ratios and differences of what was measured side by side. */
export type Figures = Partial<Record<FigureName, Spread>>;

/** A target, and what was measured side by side: medians of the rounds' ratios. */
export interface TargetResult extends Target {
  readonly measured: Spread;
  readonly isMet: boolean;
}

/** One of the peers' shape, so that like is held against like. */
const ONE = "one network";
/** What `oddflow train` makes. */
const BY_DEFAULT = "the default detector";
const SHARE = "share of 1 / (1/scan + 1/model)";
/** The build that issue 15 set its targets against. */
const FORMER = "c176bcb";

/**
 * What is measured for comparison: of one network, since its targets are the default detector's; beside a COPY, which a command
 * comes near only where the scan is the bound; and how far the machine's cores are two, which bounds what any command gains of them.
 */
const FOR_COMPARISON: ReadonlySet<FigureName> = new Set([
  "boundShare",
  "boundShareOf10Million",
  "copyShareByDefault",
  "coresOfStages",
  "peerSpeed",
  "peerMemory",
]);

const target = (
  figure: FigureName,
  what: string,
  relation: Target["relation"],
  limit: number,
  unit: Target["unit"],
): Target => ({ figure, what, relation, limit, unit, isHeld: !FOR_COMPARISON.has(figure) });

/** Sizes of tables are in millions of flows. "Python" is pandas, scikit-learn and PyTorch with one network. */
const TARGETS: readonly Target[] = [
  target(
    "pipeAgainstFormer",
    `lines of JSON in a pipe, ${BY_DEFAULT}: against ${FORMER}`,
    "at least",
    6,
    "times",
  ),
  target("pipeShare", "the same, against Parquet to Parquet", "at least", 0.5, "times"),
  target("csvShare", `CSV to CSV, ${BY_DEFAULT}: against Parquet to Parquet`, "at least", 0.5, "times"),
  target("zeekShare", `Zeek's TSV to Zeek's TSV, ${BY_DEFAULT}: the same`, "at least", 0.5, "times"),
  target(
    "tableAgainstFormer",
    `Parquet to Parquet, ${BY_DEFAULT}: against ${FORMER}`,
    "at least",
    3,
    "times",
  ),
  target("boundShareByDefault", `score-batch, 1 M, ${BY_DEFAULT}: ${SHARE}`, "at least", 0.75, ""),
  target("boundShareOf10MillionByDefault", `score-batch, 10 M, ${BY_DEFAULT}: the same`, "at least", 0.9, ""),
  target(
    "copyShareByDefault",
    `score-batch, 1 M, ${BY_DEFAULT}: flows/s against DuckDB's COPY of the same columns, no model`,
    "at least",
    1,
    "times",
  ),
  target("boundShare", `score-batch, 1 M, ${ONE}: the same`, "at least", 0.75, ""),
  target("boundShareOf10Million", `score-batch, 10 M, ${ONE}: the same`, "at least", 0.9, ""),
  target(
    "peerSpeedByDefault",
    `score-batch, 1 M, ${BY_DEFAULT}: flows/s against Python`,
    "at least",
    8,
    "times",
  ),
  target("peerSpeed", `score-batch, 1 M, ${ONE}: the same`, "at least", 8, "times"),
  target(
    "peerMemoryByDefault",
    `score-batch, 1 M, ${BY_DEFAULT}: peak memory against Python`,
    "at most",
    0.2,
    "times",
  ),
  target("peerMemory", `score-batch, 1 M, ${ONE}: the same`, "at most", 0.2, "times"),
  target("peakMemory", `score-batch, 10 M, ${ONE}: peak memory`, "at most", 600, "MB"),
  target("peakMemoryGrowth", `score-batch, ${ONE}: peak memory at 10 M against 1 M`, "at most", 1.2, "times"),
  target(
    "serveAgainstFormer",
    `oddflow serve, bodies of 1,000 flows: against ${FORMER}`,
    "at least",
    3,
    "times",
  ),
  target(
    "serviceShare",
    "oddflow serve, bodies of 1,000 flows: against the scorer in process",
    "at least",
    0.6,
    "times",
  ),
  target(
    "serviceMemoryGrowth",
    "oddflow serve, resident memory over a minute of load",
    "at most",
    1.1,
    "times",
  ),
  target("serviceFewFlows", "oddflow serve, one flow, 100 connections: p99", "at most", 5, "ms"),
  target("serviceHealth", "oddflow serve, /healthz at full load: p99", "at most", 20, "ms"),
  target(
    "trainAgainstFormer",
    `oddflow train, ${BY_DEFAULT}: time against ${FORMER}`,
    "at most",
    1 / 3,
    "times",
  ),
  target(
    "trainingAgainstPeer",
    "training, batch 256, against PyTorch, eager or compiled, the faster",
    "at least",
    4,
    "times",
  ),
  target("trainingAgainstJax", "the same, against JAX's jitted step", "at least", 1, "times"),
  target("trainingAgainstWasm", "the same, against tfjs's WASM", "at least", 25, "times"),
  target(
    "modelAgainstPeer1",
    "the model alone, batch 1, against onnxruntime in Python",
    "at least",
    0.98,
    "times",
  ),
  target("modelAgainstPeer256", "the same, batch 256", "at least", 0.98, "times"),
  target("modelAgainstPeer4096", "the same, batch 4,096", "at least", 0.98, "times"),
  target("modelAgainstPeer65536", "the same, batch 65,536", "at least", 0.98, "times"),
  target("coldStart", "cold process to first score, more than `node -e 0`", "at most", 60, "ms"),
  target("shortRun", `score-batch, 10,000 flows, ${BY_DEFAULT}, whole`, "at most", 250, "ms"),
  target("twoCores", `score-batch, 10 M, ${BY_DEFAULT}: two cores against one`, "at least", 1.9, "times"),
  target(
    "coresOfStages",
    "the same of the scan and the model alone, 1 M: all cores against one",
    "at least",
    1.9,
    "times",
  ),
  target("zeekFlows", "a Zeek log to encoded rows, one thread", "at least", 400_000, "flows/s"),
  target("zeekAgainstPeer", "the same, against pandas or zat, the faster", "at least", 5, "times"),
  target("nfdumpFlows", "nfdump's CSV to encoded rows, one thread", "at least", 400_000, "flows/s"),
  target("nfdumpAgainstPeer", "the same, against pandas", "at least", 5, "times"),
  target(
    "nfdump48Flows",
    "nfdump's CSV of 48 columns to encoded rows, one thread",
    "at least",
    400_000,
    "flows/s",
  ),
  target("nfdump48AgainstPeer", "the same, against pandas", "at least", 5, "times"),
  target("argusFlows", "Argus's padded CSV to encoded rows, one thread", "at least", 400_000, "flows/s"),
  target("argusAgainstPeer", "the same, against pandas", "at least", 5, "times"),
  target("suricataFlows", "Suricata's EVE lines to encoded rows, one thread", "at least", 250_000, "flows/s"),
  target("suricataAgainstPeer", "the same, against pandas", "at least", 5, "times"),
  target(
    "contextFlows",
    "the context of flows as they come, a million hosts, one thread",
    "at least",
    200_000,
    "flows/s",
  ),
  target("contextMemory", "a process that keeps 2 M flows of a million hosts", "at most", 600, "MB"),
  target("contextTable", "a table with context, rows in no order, against its scan", "at most", 3, "times"),
];

/** The targets that there are figures for. */
export function targetResults(figures: Figures): TargetResult[] {
  return TARGETS.flatMap((target) => {
    const measured = figures[target.figure];
    return measured === undefined ? [] : [{ ...target, measured, isMet: isMet(target, measured) }];
  });
}

function isMet({ relation, limit }: Target, { median }: Spread): boolean {
  return relation === "at least" ? median >= limit : median <= limit;
}
