import type { EpochLoss, NetworkLosses } from "./report-data.ts";

/**
 * The losses in a model file's training record, the first network's first. What cannot be read is left out, since a model file
 * may come from another release; those of former ones list networks that were trained on cores of the flows.
 */
export function lossesOfRecord(training: Readonly<Record<string, unknown>>): NetworkLosses[] {
  const cores: unknown[] = Array.isArray(training["cores"]) ? training["cores"] : [];
  const networks: (readonly [name: string, network: unknown])[] = [
    ["all flows", training],
    ["usual flows", training["usual"]],
    ...cores.map((core) => [`flows usual by ${String(property(core, "rule"))}`, core] as const),
  ];
  return networks.flatMap(([name, network]) => {
    const epochs = property(network, "epochs");
    return Array.isArray(epochs) && epochs.length > 0 && epochs.every(isEpochLoss) ? [{ name, epochs }] : [];
  });
}

function isEpochLoss(value: unknown): value is EpochLoss {
  return ["trainLoss", "validationLoss"].every((key) => Number.isFinite(property(value, key)));
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
