import { open } from "node:fs/promises";
import type { AssembledFile } from "./assembled-file.ts";
import { MAGIC, readFooter } from "./parquet/footer.ts";
import { JoinedFooter } from "./parquet/joined-footer.ts";
import type { OutputFormat } from "./scored-table-sql.ts";

/** Puts files of one format and the same columns behind each other, in one file. */
export interface FileJoiner {
  /** Adds a file's rows. */
  append(path: string): Promise<void>;
  /** Ends the joined file. */
  finish(): Promise<void>;
}

/** Joins into an empty file. */
export function createFileJoiner(target: AssembledFile, format: OutputFormat): FileJoiner {
  return format === "parquet" ? parquetJoiner(target) : textJoiner(target);
}

function textJoiner(target: AssembledFile): FileJoiner {
  return {
    append: (path) => withFile(path, async (source) => target.copy(source, 0, (await source.stat()).size)),
    finish: async () => {},
  };
}

function parquetJoiner(target: AssembledFile): FileJoiner {
  const joined = new JoinedFooter();
  return {
    append: (path) =>
      withFile(path, async (source) => {
        if (target.bytes === 0) await target.write(MAGIC);
        const { footer, start } = await readFooter(source);
        joined.add(footer, target.bytes - MAGIC.length);
        await target.copy(source, MAGIC.length, start);
      }),
    finish: () => target.write(joined.bytes()),
  };
}

async function withFile(
  path: string,
  use: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const file = await open(path, "r");
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
