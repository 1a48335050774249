import { damagedParquet, type ThriftStruct } from "@oddflow/flow-sources";
import type { TableFile } from "../table-files.ts";
import { checkedFooter } from "./checked-footer.ts";
import { FILE, ROW_GROUP } from "./footer.ts";
import { schemaBytes } from "./joined-footer.ts";
import { nanosecondTimes, wideDecimals } from "./misread-columns.ts";
import { storedLeaves } from "./stored-columns.ts";
import { integerField, structsField } from "./thrift-values.ts";

/** How columns are stored, in one or more files of a table. */
export interface FileForm {
  /** The first file of this form. */
  readonly first: TableFile;
  readonly names: ReadonlySet<string>;
  /** The columns of `wideDecimals` and of `nanosecondTimes`. */
  readonly wide: readonly string[];
  readonly fine: readonly string[];
}

/** What is kept of the footers of a table's files: of ten thousand files these are much, and most say the same. */
export interface FileForms {
  /** In the order in which files have them. */
  readonly forms: readonly FileForm[];
  /** The rows of each file's row groups. */
  readonly rowGroups: readonly (readonly number[])[];
  formOf(file: TableFile): FileForm;
}

/** Reads the footer of each file once, and checks it. @throws OddflowError TABLE_UNREADABLE */
export function readFileForms(files: readonly TableFile[]): FileForms {
  const bySchema = new Map<string, FileForm>();
  const byPath = new Map<string, FileForm>();
  const rowGroups = files.map((file) => {
    const footer = readCheckedFooter(file);
    const schema = Buffer.from(schemaBytes(footer)).toString("latin1");
    const form = bySchema.get(schema) ?? newForm(file, footer);
    bySchema.set(schema, form);
    byPath.set(file.path, form);
    return structsField(footer, FILE.rowGroups).map((group) => Number(integerField(group, ROW_GROUP.rows)));
  });
  return {
    forms: [...bySchema.values()],
    rowGroups,
    formOf(file) {
      const form = byPath.get(file.path);
      if (form === undefined) throw new Error(`read table: ${file.path} is no file of the table`);
      return form;
    },
  };
}

function readCheckedFooter(file: TableFile): ThriftStruct {
  try {
    return checkedFooter(file.path).footer;
  } catch (cause) {
    throw damagedParquet(file.path, cause);
  }
}

function newForm(first: TableFile, footer: ThriftStruct): FileForm {
  return {
    first,
    names: new Set(storedLeaves(footer).map(({ name }) => name)),
    wide: wideDecimals(footer),
    fine: nanosecondTimes(footer),
  };
}
