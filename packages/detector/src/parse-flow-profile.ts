import { type ColumnCoding, OddflowError, unseenCode } from "@oddflow/preprocessing";
import { type ColumnProfile, type FlowProfile, PROFILE_VERSION } from "./flow-profile.ts";

/**
 * Reads the profile of a model file from JSON text and checks it against the model's columns.
 * @throws OddflowError MODEL_INVALID when it is damaged, MODEL_FORMAT_VERSION when another version wrote it.
 */
export function parseFlowProfile(key: string, json: string, columns: readonly ColumnCoding[]): FlowProfile {
  const profile = asObject(parseJson(json));
  const damaged = (where: string): OddflowError =>
    new OddflowError("MODEL_INVALID", `read model: ${where} in "${key}" is damaged`);
  if (profile["version"] !== PROFILE_VERSION) {
    throw new OddflowError(
      profile["version"] === undefined ? "MODEL_INVALID" : "MODEL_FORMAT_VERSION",
      `read model: "${key}" has version ${JSON.stringify(profile["version"])}, ${PROFILE_VERSION} expected; ` +
        "use the Oddflow release that wrote it, or train again",
    );
  }
  const flows = profile["flows"];
  const found: unknown = profile["columns"];
  if (!isCount(flows) || flows === 0 || !Array.isArray(found) || found.length !== columns.length) {
    throw damaged("the number of flows or columns");
  }
  return {
    version: PROFILE_VERSION,
    flows,
    columns: columns.map((column, k) => {
      const parsed = parseColumn(asObject(found[k]), column, flows);
      if (parsed === undefined) throw damaged(`column "${column.name}"`);
      return parsed;
    }),
  };
}

function parseColumn(
  { name, bins, cuts, counts, missing }: Record<string, unknown>,
  column: ColumnCoding,
  flows: number,
): ColumnProfile | undefined {
  if (name !== column.name || !isRisingFloat32(cuts) || !isCounts(counts) || !isCount(missing))
    return undefined;
  if (counts.reduce((sum, count) => sum + count, missing) !== flows) return undefined;
  if (column.kind === "category") {
    const fits = bins === "codes" && cuts.length === 0 && counts.length === unseenCode(column) + 1;
    return fits ? { name, bins, cuts, counts, missing } : undefined;
  }
  const fits = (bins === "values" || bins === "ranges") && counts.length === cuts.length + 1;
  return fits ? { name, bins, cuts, counts, missing } : undefined;
}

function isRisingFloat32(values: unknown): values is number[] {
  return (
    Array.isArray(values) &&
    values.every((value, i) => {
      if (typeof value !== "number" || !Number.isFinite(Math.fround(value))) return false;
      return i === 0 || Math.fround(value) > Math.fround(values[i - 1]);
    })
  );
}

function isCounts(values: unknown): values is number[] {
  return Array.isArray(values) && values.every(isCount);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
