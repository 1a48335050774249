import { type FlowLabels, type LabelColumns, readLabels } from "@oddflow/evaluation";
import {
  type CategoryCoding,
  type ColumnCoding,
  type ColumnType,
  type ContextSpec,
  contextColumns,
  isNormalName,
  OddflowError,
  type RoleDecision,
} from "@oddflow/preprocessing";
import { type FlowTable, readEndpoints } from "@oddflow/tables";
import type { FlowDataset } from "@oddflow/trainer";

/** A category keeps this many of its values, the most frequent ones; the rest are unseen to the model. */
const LARGEST_VOCABULARY = 1024;

export interface LoadOptions {
  /** Adds the columns of this context, behind the features. */
  readonly context?: ContextSpec | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a table's features and labels into memory, 4 bytes a value.
 * @throws OddflowError ROLES_INVALID when no column is left as a feature; what the table throws.
 */
export async function loadDataset(
  table: FlowTable,
  decisions: readonly RoleDecision[],
  options: LoadOptions = {},
): Promise<FlowDataset> {
  return loadCodedDataset(table, await featureCodings(table, decisions), decisions, options);
}

/**
 * Reads a table as another table's columns code it, so that what the other one lacks is unseen. The labels are this
 * table's own.
 * @throws OddflowError what the table throws, such as COLUMNS_MISSING.
 */
export async function loadCodedDataset(
  table: FlowTable,
  own: readonly ColumnCoding[],
  decisions: readonly RoleDecision[],
  { context, signal }: LoadOptions = {},
): Promise<FlowDataset> {
  const labelColumns = await labelCodings(table, decisions);
  const codings = [...labelColumns.map(({ coding }) => coding), ...own];
  const counted = context === undefined ? [] : contextColumns(context);
  const columns = [...own, ...counted.map(({ name }) => ({ kind: "number", name }) as const)];
  const flows = new Float32Array(table.rows * columns.length);
  const labelValues = labelColumns.map(() => new Float32Array(table.rows));
  let first = 0;
  for await (const batch of table.scan(codings, { context, ...(signal ? { signal } : {}) })) {
    batch.columns.forEach((values, k) => {
      const feature = k - labelColumns.length;
      if (feature < 0) labelValues[k]?.set(values, first);
      else
        for (let row = 0; row < batch.rows; row++)
          flows[(first + row) * columns.length + feature] = values[row] as number;
    });
    first += batch.rows;
  }
  const labels = labelsOf(labelColumns, labelValues);
  const endpoints = own.length === 0 ? undefined : await readEndpoints(table, context?.network);
  return {
    columns,
    flows,
    ...(labels ? { labels } : {}),
    ...(context ? { context } : {}),
    ...(endpoints ? { endpoints } : {}),
  };
}

/**
 * Reads a table's labels alone; undefined when it has none.
 * @throws OddflowError what the table throws.
 */
export async function loadLabels(
  table: FlowTable,
  decisions: readonly RoleDecision[],
): Promise<FlowLabels | undefined> {
  const codings = await labelCodings(table, decisions);
  if (codings.length === 0) return undefined;
  const { labels } = await loadCodedDataset(table, [], decisions);
  return labels;
}

async function featureCodings(table: FlowTable, decisions: readonly RoleDecision[]): Promise<ColumnCoding[]> {
  const codings: ColumnCoding[] = [];
  for (const { name, role } of decisions) {
    if (role === "number") codings.push({ kind: "number", name });
    else if (role === "category") codings.push(await categoryCoding(table, name));
  }
  if (codings.length === 0) {
    throw new OddflowError(
      "ROLES_INVALID",
      `choose columns: none of the ${decisions.length} columns of ${table.paths[0]} is a number or a category; ` +
        "name some with --role COLUMN=number or --role COLUMN=category",
    );
  }
  return codings;
}

interface LabelCoding {
  readonly holds: "attackType" | "binary";
  readonly coding: ColumnCoding;
}

async function labelCodings(table: FlowTable, decisions: readonly RoleDecision[]): Promise<LabelCoding[]> {
  const labels = decisions.filter((decision) => decision.role === "label");
  const typeOf = ({ name }: RoleDecision): ColumnType | undefined =>
    table.columns.find((column) => column.name === name)?.type;
  const attackType = labels.find((label) => typeOf(label) === "text");
  const binary = labels.find((label) => typeOf(label) !== "text");
  const codings: LabelCoding[] = [];
  if (attackType) codings.push({ holds: "attackType", coding: await categoryCoding(table, attackType.name) });
  if (binary) {
    // Truths are words in CSV, and no numbers.
    const isTruth = typeOf(binary) === "boolean";
    const number = { kind: "number", name: binary.name } as const;
    codings.push({ holds: "binary", coding: isTruth ? await categoryCoding(table, binary.name) : number });
  }
  return codings;
}

async function categoryCoding(table: FlowTable, name: string): Promise<CategoryCoding> {
  const type = table.columns.find((column) => column.name === name)?.type;
  const valueType = type === "integer" || type === "number" ? "number" : "text";
  const vocabulary = await table.distinctValues(name, valueType, LARGEST_VOCABULARY);
  return { kind: "category", name, valueType, vocabulary };
}

function labelsOf(codings: readonly LabelCoding[], values: readonly Float32Array[]): FlowLabels | undefined {
  const columns: { -readonly [Part in keyof LabelColumns]: LabelColumns[Part] } = {};
  for (const [k, { holds, coding }] of codings.entries()) {
    const codes = values[k] as Float32Array;
    if (holds === "binary") columns.binary = coding.kind === "category" ? truths(coding, codes) : codes;
    else if (coding.kind === "category") columns.attackType = { coding, codes };
  }
  return readLabels(columns);
}

/** 0 for a word that says no, 1 for any other; NaN where there is none. */
function truths({ vocabulary }: CategoryCoding, codes: Float32Array): Float32Array {
  const values = vocabulary.map((word) => (isNormalName(word) ? 0 : 1));
  return codes.map((code) => values[code] ?? Number.NaN);
}
