import { compareScores } from "@oddflow/evaluation";
import type { ComparisonData } from "@oddflow/report";

/** Flows that two models score much alike; names and reasons are `text`. */
export function sampleComparison(text: string, flows = 2000): ComparisonData {
  const old = Float32Array.from({ length: flows }, (_, row) => (row % 97) / 97 + 0.001);
  const latter = old.map((score, row) => score * (row % 7 === 0 ? 1.6 : 1));
  const codes = Uint8Array.from(old, (_, row) => (row % 20 === 0 ? 1 + (row % 3) : 0));
  const names = ["normal", text, "b", "c"];
  const rarities = { old: old.map((score) => 1 - score / 2), new: latter.map((score) => 1.001 - score / 2) };
  const changed = [{ row: 1, rarities: { old: 0.5, new: 0 }, reasons: [text, "second"] }];
  return {
    title: text,
    facts: [["Old", text]],
    comparison: compareScores({
      scores: { old, new: latter },
      thresholds: { old: 0.9, new: 0.95 },
      share: 0.01,
      labels: { isAttack: codes.map((code) => Math.min(1, code)), attackTypes: { names, codes } },
    }),
    rarities,
    share: 0.01,
    changed: { old: changed, new: changed },
  };
}
