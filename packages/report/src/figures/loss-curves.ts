import * as Plot from "@observablehq/plot";
import { drawFigure } from "../draw.ts";
import { figure, legend } from "../figure.ts";
import { type Markup, shortText } from "../markup.ts";
import { numberText } from "../number-text.ts";
import type { EpochLoss, NetworkLosses } from "../report-data.ts";
import { valueAxis } from "../value-axis.ts";

interface Epoch extends EpochLoss {
  /** From 1, over all networks. */
  readonly step: number;
  /** Position of its network. */
  readonly network: number;
}

const NAME_LENGTH = 60;

/** Losses by epoch, one network after the other; undefined when there are none. */
export function lossFigure(losses: readonly NetworkLosses[] | undefined): Markup | undefined {
  const networks = (losses ?? []).filter(({ epochs }) => epochs.length > 0);
  if (networks.length === 0) return undefined;
  let step = 0;
  const epochs = networks.flatMap((network, i) =>
    network.epochs.map((epoch): Epoch => ({ ...epoch, step: ++step, network: i })),
  );
  const best = networks.map((_, i) => lowest(epochs.filter(({ network }) => network === i)));
  const { type } = valueAxis(
    Float64Array.from(epochs.flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss])),
  );
  const bestWords = best
    .map(({ validationLoss, network, step: at }) => {
      const name = networks.length > 1 ? `${shortText(networks[network]?.name ?? "", NAME_LENGTH)}: ` : "";
      return `${name}${numberText(validationLoss)} in epoch ${at}`;
    })
    .join("; ");
  return figure({
    id: "losses",
    title: "Training",
    legend: legend([
      ["dashes", "", "training loss"],
      ["line", "", "validation loss"],
      ["ring", "", "lowest validation loss"],
    ]),
    drawing: drawFigure(
      {
        height: 300,
        x: {
          label: networks.length > 1 ? "epoch, over all networks" : "epoch",
          ticks: epochTicks(epochs.length),
          tickFormat: "d",
          domain: [1, Math.max(2, epochs.length)],
        },
        y: {
          label: "loss",
          labelArrow: "none",
          type,
          grid: true,
          ticks: 5,
          nice: true,
          tickFormat: numberText,
        },
        marks: [
          Plot.ruleX(networkStarts(epochs), { strokeDasharray: "2,3", strokeOpacity: 0.7 }),
          Plot.line(epochs, {
            x: "step",
            y: "trainLoss",
            z: "network",
            strokeWidth: 1.5,
            strokeDasharray: "5,3",
          }),
          Plot.line(epochs, { x: "step", y: "validationLoss", z: "network", strokeWidth: 2 }),
          Plot.dot(epochs, { x: "step", y: "validationLoss", r: 2, fill: "currentColor" }),
          Plot.dot(best, { x: "step", y: "validationLoss", r: 6, strokeWidth: 2 }),
        ],
      },
      `Training and validation loss over ${epochs.length} epochs. Lowest validation loss: ${bestWords}.`,
    ),
    caption: `Lowest validation loss: ${bestWords}. ${
      networks.length > 1
        ? "The detector has several networks, with dotted lines between them; each is measured in its own unit. "
        : ""
    }Training loss is measured with dropout, so it may lie above validation loss.`,
  });
}

function lowest(epochs: readonly Epoch[]): Epoch {
  return epochs.reduce((least, epoch) => (epoch.validationLoss < least.validationLoss ? epoch : least));
}

/** Halfway between the last epoch of a network and the first of the next. */
function networkStarts(epochs: readonly Epoch[]): number[] {
  return epochs
    .filter(({ network }, i) => i > 0 && network !== epochs[i - 1]?.network)
    .map(({ step }) => step - 0.5);
}

function epochTicks(count: number): number[] {
  const step = Math.max(1, Math.ceil(count / 8));
  return Array.from({ length: Math.max(2, count) }, (_, i) => i + 1).filter(
    (epoch) => epoch === 1 || epoch % step === 0,
  );
}
