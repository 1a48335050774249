import { DESCRIBED_BUDGETS, isExtrapolated } from "@oddflow/inference";
import type { ServiceModel } from "./service-model.ts";

/** Says by which model an answer's flows were scored: its version, as /model has it. */
export const MODEL_HEADER = "oddflow-model";

/** What /model answers: plain JSON. */
export function describeModel({ scorer, threshold, version }: ServiceModel): object {
  const { columns, thresholds, training, provider } = scorer;
  return {
    version,
    provider,
    columns: columns.map((column) =>
      column.kind === "number"
        ? { name: column.name, kind: column.kind }
        : {
            name: column.name,
            kind: column.kind,
            valueType: column.valueType,
            vocabulary: column.vocabulary,
          },
    ),
    thresholds: {
      default: threshold,
      heldBackFlows: thresholds.heldBack.flows,
      budgets: DESCRIBED_BUDGETS.map((budget) => ({
        budget,
        threshold: thresholds.forBudget(budget),
        extrapolated: isExtrapolated(thresholds.heldBack, budget),
      })),
      ...(thresholds.youden === undefined ? {} : { youden: thresholds.youden }),
    },
    training,
  };
}
