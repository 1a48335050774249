import type { ThriftStruct, ThriftValue } from "@oddflow/flow-sources";
import type { RowGroupSpan } from "../shards/row-group-spans.ts";
import type { ConstantColumn } from "./constant-columns.ts";
import { FILE, footerOf, ROW_GROUP } from "./footer.ts";
import {
  bytesBehind,
  type StoredChunk,
  type StoredLeaves,
  storedChunk,
  storedLeaves,
} from "./stored-columns.ts";
import { integerField, struct, structsField, withoutFields } from "./thrift-values.ts";
import { writeThriftStruct } from "./thrift-writer.ts";

/*
 * Parquet files with further columns: the pages of the columns that stay are copied as they are, neither unpacked nor
 * decoded, row group by row group, and the new columns' pages are put behind them.
 */

/** What is known of the files before anything is written. */
export interface WideningPlan {
  readonly files: readonly PlannedFile[];
  /** Of the columns that stay: the same in all files. */
  readonly schema: readonly ThriftStruct[];
  /** Columns of one value in each file, which come behind those that stay. */
  readonly constants: readonly ConstantColumn[];
}

interface PlannedFile {
  readonly path: string;
  readonly form: PlannedForm;
  /** Those with rows. */
  readonly groups: readonly PlannedGroup[];
}

/** What files say alike: one for all of them, since there may be ten thousand. */
export interface PlannedForm {
  /** Without row groups and the number of rows. */
  readonly footer: ThriftStruct;
  readonly kept: readonly StoredLeaves[];
}

export interface PlannedGroup {
  /** Its place among all of the file's. */
  readonly place: number;
  readonly rows: number;
  /** Of the columns that stay, read out of the footer's bytes each time. */
  chunks(): readonly StoredChunk[];
}

/**
 * Looks whether files can be widened.
 * @param kept the columns that stay, by name
 * @param constants columns that the files do not hold
 * @returns undefined where a file lacks a column, has it in another form than the first file has, has two of a name, or
 * is encrypted
 */
export function planWidening(
  paths: readonly string[],
  kept: readonly string[],
  constants: readonly ConstantColumn[],
): WideningPlan | undefined {
  const files: PlannedFile[] = [];
  const forms = new Map<string, PlannedForm>();
  for (const path of paths) {
    const file = planFile(path, kept, forms);
    if (file === undefined) return undefined;
    files.push(file);
  }
  const [schema, ...others] = [...forms.values()].map((form) => form.kept.flatMap((leaves) => leaves.schema));
  if (schema === undefined) return undefined;
  const bytes = bytesOf(schema);
  if (others.some((own) => Buffer.compare(bytes, bytesOf(own)) !== 0)) return undefined;
  // Who reads the joined file must know the writer, where chunks are longer than they say.
  const footers = [...forms.values()].map(({ footer }) => footer);
  const writers = footers.map(({ fields }) => fields.get(FILE.createdBy));
  if (footers.some((footer) => bytesBehind(footer) > 0) && whereSame(writers) === undefined) return undefined;
  return { files, schema, constants };
}

/** The same for some of the files' row groups. */
export function wideningOf(plan: WideningPlan, spans: readonly RowGroupSpan[]): WideningPlan {
  const files = spans.map(({ file, firstGroup, groups }) => {
    const own = plan.files[file] as PlannedFile;
    const isIn = ({ place }: PlannedGroup): boolean => place >= firstGroup && place < firstGroup + groups;
    return { ...own, groups: own.groups.filter(isIn) };
  });
  return { ...plan, files };
}

function planFile(
  path: string,
  names: readonly string[],
  forms: Map<string, PlannedForm>,
): PlannedFile | undefined {
  const { footer, start } = footerOf(path) ?? {};
  if (footer === undefined || start === undefined || footer.fields.has(FILE.encryption)) return undefined;
  const bare = withoutFields(footer, [FILE.rowGroups, FILE.rows]);
  const key = Buffer.from(writeThriftStruct(bare)).toString("latin1");
  const form = forms.get(key) ?? planForm(footer, bare, names);
  if (form === undefined) return undefined;
  forms.set(key, form);
  const groups: PlannedGroup[] = [];
  const behind = bytesBehind(footer);
  for (const [place, group] of structsField(footer, FILE.rowGroups).entries()) {
    const rows = Number(integerField(group, ROW_GROUP.rows));
    if (rows === 0) continue;
    const find = (): (StoredChunk | undefined)[] => {
      const stored = structsField(group, ROW_GROUP.columns);
      return form.kept
        .flatMap(({ first, count }) => stored.slice(first, first + count))
        .map((column) => storedChunk(column, start, behind));
    };
    if (find().includes(undefined)) return undefined;
    groups.push({ place, rows, chunks: () => find().filter((chunk) => chunk !== undefined) });
  }
  return { path, form, groups };
}

function planForm(
  footer: ThriftStruct,
  bare: ThriftStruct,
  names: readonly string[],
): PlannedForm | undefined {
  const columns = storedLeaves(footer);
  if (new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length) return undefined;
  const kept = names.map((name) => columns.find((column) => column.name === name));
  return kept.every((column) => column !== undefined) ? { footer: bare, kept } : undefined;
}

/** A value that all files have alike. */
export function whereSame(values: readonly (ThriftValue | undefined)[]): ThriftValue | undefined {
  const [first, ...others] = values;
  if (first === undefined) return undefined;
  const bytes = bytesOf([first]);
  return others.every((other) => other && Buffer.compare(bytes, bytesOf([other])) === 0) ? first : undefined;
}

function bytesOf(values: readonly ThriftValue[]): Uint8Array {
  return writeThriftStruct(struct(Object.fromEntries(values.map((value, k) => [k + 1, value]))));
}
