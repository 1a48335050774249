import { DESCRIBED_BUDGETS, isExtrapolated, type ScorerDescription } from "@oddflow/inference";

/** What /model answers: plain JSON. */
export function describeModel(
  scorer: ScorerDescription,
  threshold: number,
  version: string | undefined,
): object {
  const { columns, thresholds, training, provider } = scorer;
  return {
    version: modelVersion(scorer, version),
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

/** What tells a model in /metrics. */
export function modelLabels(scorer: ScorerDescription, version: string | undefined): Record<string, string> {
  return { version: modelVersion(scorer, version), provider: scorer.provider };
}

/** What the host calls it, or else the hash of the data that it was trained on, or "unknown". */
function modelVersion({ training }: ScorerDescription, version: string | undefined): string {
  if (version !== undefined) return version;
  const data = training["data"];
  const hash = typeof data === "object" && data !== null && "sha256" in data ? data.sha256 : undefined;
  return typeof hash === "string" ? hash : "unknown";
}
