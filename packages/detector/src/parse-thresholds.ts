import { OddflowError } from "@oddflow/preprocessing";
import type { ColumnErrorDistribution } from "./column-errors.ts";
import type { ScoreTail } from "./score-tail.ts";
import type { ScoreDistribution, Thresholds } from "./thresholds.ts";

/**
 * Reads the thresholds of a model file from JSON text and checks that they can be what they say: shares from 0 to 1, whole
 * numbers of flows, finite scores.
 * @param key the metadata that the text is the value of
 * @throws OddflowError MODEL_INVALID
 */
export function parseThresholds(key: string, json: string, columns: number): Thresholds {
  const { heldBack, youden, columnErrors } = parseObject(key, json);
  const damaged = (what: string): OddflowError =>
    new OddflowError("MODEL_INVALID", `read model: ${what} in "${key}" cannot be; the file is damaged`);
  const distribution = parseDistribution(heldBack);
  if (distribution === undefined) throw damaged("the scores of held-back flows");
  if (youden !== undefined && !isFiniteNumber(youden)) throw damaged("the best threshold");
  const errors = columnErrors === undefined ? undefined : parseColumnErrors(columnErrors, columns);
  if (columnErrors !== undefined && errors === undefined) throw damaged("the column errors");
  return {
    heldBack: distribution,
    ...(youden === undefined ? {} : { youden }),
    ...(errors === undefined ? {} : { columnErrors: errors }),
  };
}

/** @throws OddflowError MODEL_INVALID */
export function parseObject(key: string, json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Said below: text that is no JSON and JSON that is no object are the same fault to the reader.
  }
  throw new OddflowError("MODEL_INVALID", `read model: "${key}" is no JSON object; the file is damaged`);
}

function parseDistribution(value: unknown): ScoreDistribution | undefined {
  const { flows, probabilities, scores, tail } = fieldsOf(value);
  if (!isCount(flows) || !areShares(probabilities) || !isRising(scores)) return undefined;
  if (scores.length !== probabilities.length) return undefined;
  if (tail === undefined) return { flows, probabilities, scores };
  const parsed = parseTail(tail);
  return parsed && { flows, probabilities, scores, tail: parsed };
}

function parseTail(value: unknown): ScoreTail | undefined {
  const { threshold, share, shape, scale } = fieldsOf(value);
  if (
    !isFiniteNumber(threshold) ||
    !isFiniteNumber(share) ||
    !isFiniteNumber(shape) ||
    !isFiniteNumber(scale)
  )
    return undefined;
  return scale > 0 && share > 0 && share <= 1 ? { threshold, share, shape, scale } : undefined;
}

function parseColumnErrors(value: unknown, columns: number): ColumnErrorDistribution | undefined {
  const { flows, probabilities, errors } = fieldsOf(value);
  if (!isCount(flows) || !areShares(probabilities) || !Array.isArray(errors)) return undefined;
  const fit = errors.every((own) => isRising(own) && own.length === probabilities.length);
  return fit && errors.length === columns ? { flows, probabilities, errors } : undefined;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function areShares(values: unknown): values is number[] {
  return isRising(values) && values.every((share) => share >= 0 && share <= 1);
}

function isRising(values: unknown): values is number[] {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.every((value, i) => isFiniteNumber(value) && (i === 0 || value >= values[i - 1]))
  );
}
