import { loadLabels } from "@oddflow/datasets";
import { trainedNormals } from "@oddflow/detector";
import type { FlowLabels } from "@oddflow/evaluation";
import type { Scorer } from "@oddflow/inference";
import { type ColumnRole, OddflowError } from "@oddflow/preprocessing";
import { decideRoles, type FlowTable } from "@oddflow/tables";
import { complain, oneLine } from "./terminal.ts";

/** What the user says of labels. */
export interface LabelChoice {
  readonly role?: ReadonlyMap<string, ColumnRole> | undefined;
  /** Patterns of the labels that are no attacks. */
  readonly normal?: readonly string[] | undefined;
}

/**
 * A table's labels; undefined where it has none. Normal are the patterns that the user names, or else those that a model was trained with,
 * where the table has such labels.
 */
export async function readTableLabels(
  table: FlowTable,
  { role = new Map(), normal }: LabelChoice,
  training: Scorer["training"],
): Promise<FlowLabels | undefined> {
  const read = async (patterns: readonly string[] | undefined): Promise<FlowLabels | undefined> => {
    const { decisions } = await decideRoles(table, "auto", role, patterns);
    return loadLabels(table, decisions, patterns);
  };
  const patterns = trainedNormals(training);
  if (normal !== undefined || patterns.length === 0) return read(normal);
  try {
    const labels = await read(patterns);
    complain(`labels     normal are ${patterns.map(oneLine).join(", ")}, as in the model's training\n`);
    return labels;
  } catch (error) {
    if (error instanceof OddflowError && error.code === "LABELS_MISSING") return read(undefined);
    throw error;
  }
}
