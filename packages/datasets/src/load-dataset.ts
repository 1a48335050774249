import { type FlowLabels, type LabelColumns, readLabels } from "@oddflow/evaluation";
import {
  type CategoryCoding,
  type ColumnCoding,
  type ColumnType,
  type ContextSpec,
  contextColumns,
  isNormalName,
  normalLabels,
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
  /** Which labels are normal, as `normalLabels` takes them. */
  readonly normal?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a table's features and labels into memory, 4 bytes a value.
 * @throws OddflowError ROLES_INVALID when no column is left as a feature, LABELS_MISSING where no label is one of the normal
 * ones that are named; what the table throws.
 */
export async function loadDataset(
  table: FlowTable,
  decisions: readonly RoleDecision[],
  options: LoadOptions = {},
): Promise<FlowDataset> {
  const dataset = await loadCodedDataset(table, await featureCodings(table, decisions), decisions, options);
  checkPatterns(table, dataset.labels, options.normal);
  return dataset;
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
  { context, normal, signal }: LoadOptions = {},
): Promise<FlowDataset> {
  const labelColumns = await labelCodings(table, decisions, normal);
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
  const labels = labelsOf(labelColumns, labelValues, normal);
  const endpoints = own.length === 0 ? undefined : await readEndpoints(table, context?.network);
  return {
    columns,
    flows,
    ...(labels ? { labels } : {}),
    ...(context ? { context } : {}),
    ...(endpoints ? { endpoints } : {}),
    ...(context?.calendar ? { times: await table.times(context.time) } : {}),
  };
}

/**
 * Reads a table's labels alone; undefined when it has none.
 * @param normal which labels are normal, as `normalLabels` takes them
 * @throws OddflowError LABELS_MISSING where no label is one of the normal ones that are named; what the table throws.
 */
export async function loadLabels(
  table: FlowTable,
  decisions: readonly RoleDecision[],
  normal?: readonly string[],
): Promise<FlowLabels | undefined> {
  const isLabelled = decisions.some(({ role }) => role === "label");
  const labels = isLabelled ? (await loadCodedDataset(table, [], decisions, { normal })).labels : undefined;
  checkPatterns(table, labels, normal);
  return labels;
}

/** As many labels as a message names. */
const NAMED_LABELS = 8;

function checkPatterns(
  { paths, columns }: FlowTable,
  labels: FlowLabels | undefined,
  normal: readonly string[] = [],
): void {
  const names = labels?.attackTypes?.names;
  if (normal.length === 0 || names?.some(normalLabels(normal))) return;
  const found =
    names === undefined
      ? `has no labels (columns: ${columns.map(({ name }) => name).join(", ")}); name the label column with --role COLUMN=label`
      : `has no such label; its labels are ${names.slice(0, NAMED_LABELS).join(", ")}${names.length > NAMED_LABELS ? ", ..." : ""}; ` +
        "* stands for any letters, ? for one";
  const patterns = normal.map((pattern) => `'${pattern}'`).join(", ");
  throw new OddflowError("LABELS_MISSING", `read labels: --normal ${patterns}: ${paths[0]} ${found}`);
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

async function labelCodings(
  table: FlowTable,
  decisions: readonly RoleDecision[],
  normal: readonly string[] = [],
): Promise<LabelCoding[]> {
  const labels = decisions.filter((decision) => decision.role === "label");
  const typeOf = ({ name }: RoleDecision): ColumnType | undefined =>
    table.columns.find((column) => column.name === name)?.type;
  const attackType = labels.find((label) => typeOf(label) === "text");
  const binary = labels.find((label) => typeOf(label) !== "text");
  if (normal.length > 0) {
    const named = attackType ?? binary;
    return named ? [{ holds: "attackType", coding: await categoryCoding(table, named.name) }] : [];
  }
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

function labelsOf(
  codings: readonly LabelCoding[],
  values: readonly Float32Array[],
  normal: readonly string[] | undefined,
): FlowLabels | undefined {
  const columns: { -readonly [Part in keyof LabelColumns]: LabelColumns[Part] } = {};
  for (const [k, { holds, coding }] of codings.entries()) {
    const codes = values[k] as Float32Array;
    if (holds === "binary") columns.binary = coding.kind === "category" ? truths(coding, codes) : codes;
    else if (coding.kind === "category") columns.attackType = { coding, codes };
  }
  return readLabels(columns, normal);
}

/** 0 for a word that says no, 1 for any other; NaN where there is none. */
function truths({ vocabulary }: CategoryCoding, codes: Float32Array): Float32Array {
  const values = vocabulary.map((word) => (isNormalName(word) ? 0 : 1));
  return codes.map((code) => values[code] ?? Number.NaN);
}
