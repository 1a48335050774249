import { closeSync, fstatSync, openSync } from "node:fs";
import type { AssembledFile } from "./assembled-file.ts";
import { MAGIC, readFooter } from "./parquet/footer.ts";
import { JoinedFooter } from "./parquet/joined-footer.ts";
import type { OutputFormat } from "./scored-table-sql.ts";

/** Puts files of one format and the same columns behind each other, in one file. */
export interface FileJoiner {
  /** Adds a file's rows. */
  append(path: string): void;
  /** Ends the joined file. */
  finish(): void;
}

/** Joins into an empty file. */
export function createFileJoiner(target: AssembledFile, format: OutputFormat): FileJoiner {
  return format === "parquet" ? parquetJoiner(target) : textJoiner(target);
}

function textJoiner(target: AssembledFile): FileJoiner {
  return {
    append: (path) => withFile(path, (source) => target.copy(source, 0, fstatSync(source).size)),
    finish: () => {},
  };
}

function parquetJoiner(target: AssembledFile): FileJoiner {
  const joined = new JoinedFooter();
  return {
    append: (path) =>
      withFile(path, (source) => {
        if (target.bytes === 0) target.write(MAGIC);
        const { footer, start } = readFooter(source);
        joined.add(footer, target.bytes - MAGIC.length);
        target.copy(source, MAGIC.length, start);
      }),
    finish: () => target.write(joined.bytes()),
  };
}

function withFile(path: string, use: (file: number) => void): void {
  const file = openSync(path, "r");
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
