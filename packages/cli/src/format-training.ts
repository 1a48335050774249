import { DESCRIBED_BUDGETS } from "@oddflow/detector";
import { formatEvaluation } from "@oddflow/evaluation";
import { PLANTED_KINDS, type TrainedDetector } from "@oddflow/trainer";
import { formatCalendar } from "./format-calendar.ts";
import { rate } from "./progress.ts";
import { extrapolationText } from "./threshold-choice.ts";

/** What a training came to, for a person. */
export function formatTraining(
  {
    parts,
    network,
    learned: { mainFlows, usual, plantedLeft },
    evaluation,
    thresholds,
    training,
  }: TrainedDetector,
  out: string,
  seconds: number,
): string {
  const { epochs, bestEpoch, stopped } = network;
  const best = epochs[bestEpoch - 1];
  const flows = epochs.length * mainFlows;
  const speed = flows / epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const calendar = formatCalendar(training);
  const lines = [
    `Flows: ${rate(parts.train)} to train on, ${rate(parts.validation + parts.validationAttacks)} to choose epochs and ` +
      `thresholds${parts.test === 0 ? "" : `, ${rate(parts.test)} to test`}`,
    `Training: ${epochs.length} epochs in ${seconds.toFixed(1)} s (${stopped}), ${rate(speed)} flows/s; ` +
      `best epoch ${bestEpoch}, train loss ${best?.trainLoss.toFixed(4)}, validation loss ${best?.validationLoss.toFixed(4)}`,
    ...(usual === undefined
      ? []
      : [
          `Learned from ${rate(mainFlows)} flows of all kinds, and once more from the ${rate(usual.flows)} that are usual alone or by ` +
            `their company, in ${usual.network.epochs.length} epochs; ${rate(parts.train - mainFlows)} in bulk apart from them were left out`,
        ]),
    ...(plantedLeft === undefined
      ? []
      : [
          `Of attacks planted among them to see what is left out, it would have learned from ${PLANTED_KINDS.map(
            (kind) => `${(plantedLeft[kind] * 100).toFixed(0)} % (${kind})`,
          ).join(", ")}`,
        ]),
    ...(calendar === undefined ? [] : [`Calendar: ${calendar}`]),
    "",
    ...(thresholds.youden === undefined || evaluation?.threshold?.chosenOn === "these flows"
      ? []
      : ["The threshold below is the best one (Youden J) on the validation part.", ""]),
    evaluation === undefined
      ? `No labels, so nothing to evaluate. Scores of ${rate(thresholds.heldBack.flows)} held-back flows set the alert thresholds.`
      : formatEvaluation(evaluation),
    ...DESCRIBED_BUDGETS.flatMap((budget) => extrapolationText(thresholds.heldBack, budget) ?? [])
      .slice(0, 1)
      .map((caution) => `Note: ${caution}`),
    "",
    `Written: ${out}`,
    "",
  ];
  return lines.join("\n");
}

/** The same for machines, on one line. */
export function formatTrainingJson(
  { parts, network, evaluation, thresholds }: TrainedDetector,
  out: string,
): string {
  const { epochs, bestEpoch, stopped } = network;
  const result = {
    model: out,
    parts,
    training: { epochs, bestEpoch, stopped },
    thresholds,
    evaluation: evaluation ?? null,
  };
  return `${JSON.stringify(result)}\n`;
}
