import { evaluateScores } from "@oddflow/evaluation";
import type { NetworkLosses, ReportData } from "@oddflow/report";

/** Attack types of the sample; every one of `names` is of some attack. */
export interface SampleOptions {
  readonly flows?: number;
  readonly attackNames?: readonly string[];
}

export const LOSSES: readonly NetworkLosses[] = [
  { name: "all flows", epochs: [1, 0.5, 0.4].map((loss) => ({ trainLoss: loss, validationLoss: loss / 2 })) },
  { name: "a core", epochs: [0.9, 0.7].map((loss) => ({ trainLoss: loss, validationLoss: loss / 3 })) },
];

/** A report with everything in it: one flow in five is an attack, and most attacks score higher than normal flows. */
export function sampleReport(options: SampleOptions = {}): ReportData & Required<Pick<ReportData, "labels">> {
  const { flows = 1000, attackNames = ["dos", "worms"] } = options;
  const isAttack = Uint8Array.from({ length: flows }, (_, row) => (row % 5 === 0 ? 1 : 0));
  // Spread evenly over the unit interval, the same every time.
  const scores = Float32Array.from(isAttack, (attack, row) => {
    const part = (row * 0.618034) % 1;
    return attack === 1 ? 0.5 + 3 * part : 0.05 + part ** 3;
  });
  const codes = Float32Array.from(isAttack, (attack, row) =>
    attack === 1 ? (row / 5) % attackNames.length : Number.NaN,
  );
  const evaluation = evaluateScores({
    scores,
    isAttack,
    attackTypes: { names: attackNames, codes },
    threshold: 1,
  });
  return {
    title: "model.onnx on flows.parquet",
    facts: [["Seed", "1"]],
    scores,
    labels: { isAttack, evaluation },
    thresholds: [
      { name: "budget of 1 %", value: 1, budget: 0.01 },
      { name: "best Youden J", value: 0.7 },
      { name: "close by", value: 1.01 },
    ],
    losses: LOSSES,
    columnErrors: {
      names: ["dur", "sbytes", "service"],
      normal: Float64Array.of(0.1, 0.2, 0.3),
      attack: Float64Array.of(0.2, 2, 0.1),
    },
    oddest: [
      { row: 17, score: 3.49, rarity: 1 / 2500, label: "dos", reasons: ["sbytes 9,000", "dur 0"] },
      { row: 3, score: 3.2, rarity: 0, label: "worms", reasons: ["dur 3"] },
    ],
    training: { seed: 1, network: { hidden: [8, 4], latent: 2 }, epochs: [1, 2, 3] },
    columns: [
      { kind: "number", name: "dur" },
      { kind: "number", name: "sbytes" },
      { kind: "category", name: "service", valueType: "text", vocabulary: ["dns", "http"] },
    ],
  };
}

/** The same flows without labels. */
export function unlabelledReport(): ReportData {
  const { labels: _, ...data } = sampleReport();
  return {
    ...data,
    columnErrors: { names: ["dur", "sbytes"], normal: Float64Array.of(0.1, 0.2) },
    oddest: [{ row: 17, score: 3.49, reasons: ["sbytes 9,000"] }],
  };
}
