import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  checkColumns,
  createScoredTableWriter,
  createShardsWriter,
  decideRoles,
  type FlowTable,
  openTable,
} from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const ROWS = 3000;

/** Files of one name with as many rows and, as text, as many bytes. */
async function twoTables(format: string): Promise<{ path: string; other: string }> {
  const rows = (first: string): string =>
    `SELECT ${first} AS n, '2025-01-01' AS time, 't' || range % 3 AS word, range % 2 AS label FROM range(${ROWS})`;
  const options = format === "ndjson" ? "FORMAT json" : `FORMAT ${format}`;
  return {
    path: await folder.copy(rows("10000 + range"), `flows.${format}`, options),
    other: await folder.copy(rows("20000 - range"), `other.${format}`, options),
  };
}

/** What may become of a file under a table, each with the times that it had. */
const CHANGES: Record<string, (path: string, other: string) => void> = {
  "overwritten in place": (path, other) => {
    const { atime, mtime } = statSync(path);
    const bytes = readFileSync(other);
    writeFileSync(path, bytes, { flag: "r+" });
    truncateSync(path, bytes.length);
    utimesSync(path, atime, mtime);
  },
  "replaced by another": (path, other) => {
    const { atime, mtime } = statSync(path);
    copyFileSync(other, `${path}.new`);
    utimesSync(`${path}.new`, atime, mtime);
    renameSync(`${path}.new`, path);
  },
  "appended to": (path) => appendFileSync(path, "\n"),
  "cut short": (path) => truncateSync(path, statSync(path).size - 40),
  removed: (path) => rmSync(path),
};

/** Everything that reads an open table's files. */
const READERS: Record<string, (table: FlowTable) => Promise<unknown>> = {
  countDistinct: (table) => table.countDistinct(["word"], 10),
  distinctValues: (table) => table.distinctValues("word", "text", 10),
  timeColumn: (table) => table.timeColumn(),
  times: (table) => table.times("time"),
  ranges: (table) => table.ranges(2),
  scan: async (table) => {
    for await (const _ of table.scan([{ kind: "number", name: "n" }])) {
      // Only whether it ends well counts.
    }
  },
  checkColumns: (table) => checkColumns(table, [{ kind: "number", name: "n" }]),
  decideRoles: (table) => decideRoles(table, "auto", new Map()),
};

describe("a table whose file is changed after it was opened", () => {
  for (const format of ["parquet", "csv", "ndjson"]) {
    test(`is refused by all that reads it, whatever the change: ${format}`, async () => {
      for (const [change, make] of Object.entries(CHANGES)) {
        const { path, other } = await twoTables(format);
        const table = await openTable(path);
        make(path, other);
        for (const [reader, read] of Object.entries(READERS)) {
          const outcome = await read(table).catch((error: unknown) => error);
          expect(outcome, `${reader}, ${change}`).toMatchObject({
            code: "TABLE_UNREADABLE",
            message: expect.stringMatching(
              change === "removed" ? /was removed while it was read/ : /was changed while it was read/,
            ),
          });
        }
        table.close();
      }
    });

    test(`gives no scored table, and leaves nothing: ${format}`, async () => {
      const out = folder.at(`out-${format}`);
      for (const [change, make] of Object.entries(CHANGES)) {
        for (const create of [createScoredTableWriter, createShardsWriter]) {
          mkdirSync(out, { recursive: true });
          const { path, other } = await twoTables(format);
          const table = await openTable(path);
          make(path, other);
          const write = async (): Promise<void> => {
            const writer = await create(table, { path: `${out}/scored.${format}`, columns: "all" });
            await writer.finish().finally(() => writer.abort());
          };
          await expect(write(), change).rejects.toMatchObject({ code: "TABLE_UNREADABLE" });
          expect(readdirSync(out), change).toEqual([]);
          table.close();
        }
      }
    });
  }

  test("gives no more rows than were counted, for which there is room", async () => {
    const path = folder.write("grows.csv", `n\n${"1\n".repeat(ROWS)}`);
    const table = await openTable(path);
    appendFileSync(path, "2\n".repeat(20_000));
    let rows = 0;
    const read = async (): Promise<void> => {
      for await (const batch of table.scan([{ kind: "number", name: "n" }])) rows += batch.rows;
    };
    await expect(read()).rejects.toMatchObject({ code: "TABLE_UNREADABLE" });
    expect(rows).toBeLessThanOrEqual(table.rows);
    table.close();
  });
});

describe("the folder for temporary files", () => {
  const former = process.env["TMPDIR"];
  afterEach(() => {
    if (former === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = former;
  });

  test("is named where it is the trouble, and the table is not", async () => {
    // DuckDB reads copies of such files.
    const mixed = folder.write("mixed.csv", "n,m\n1,2\r\n3,4\n");
    const marked = folder.write("marked.json", '\ufeff[{"n":1,"n":2}]');
    process.env["TMPDIR"] = folder.write("a-file", "");
    for (const path of [mixed, marked]) {
      await expect(openTable(path)).rejects.toMatchObject({
        code: "OUTPUT_UNWRITABLE",
        message: expect.stringContaining(`the folder for temporary files, ${folder.at("a-file")}`),
      });
    }
  });

  test("is not needed for a table that is read as it is", async () => {
    const plain = folder.write("plain.csv", "n,m\n1,2\n3,4\n");
    process.env["TMPDIR"] = folder.write("another-file", "");
    const table = await openTable(plain);
    expect(table.rows).toBe(2);
    table.close();
  });

  test("may go while a copy in it is read, which is said", async () => {
    const mixed = folder.write("later.csv", `n,m\n1,2\r\n${"3,4\n".repeat(10)}`);
    process.env["TMPDIR"] = folder.at("temporary");
    mkdirSync(folder.at("temporary"));
    const table = await openTable(mixed);
    rmSync(folder.at("temporary"), { recursive: true });
    await expect(table.countDistinct(["n"], 10)).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining(folder.at("temporary")),
    });
    table.close();
  });

  test("is not blamed where a copy in it can be read and is refused: the file is named that it was made of", async () => {
    process.env["TMPDIR"] = folder.at("refusing");
    mkdirSync(folder.at("refusing"));
    for (const [path, broken] of [
      [folder.write("whole.csv", "n,m\n0,0\n"), '5,"6\n'],
      [folder.write("copied.csv", `n,m\n1,2\r\n${"3,4\n".repeat(10)}`), '5,"6\n'],
      [folder.write("copied.ndjson", `\ufeff${'{"n":1}\n'.repeat(10)}`), '{"n":\n'],
    ] as const) {
      const table = await openTable(path);
      const copies = readdirSync(folder.at("refusing"), { recursive: true, encoding: "utf8" });
      const copy = copies.find((name) => /(csv|ndjson)$/.test(name));
      // The first is read as it is.
      expect(copy === undefined).toBe(path.endsWith("whole.csv"));
      if (copy !== undefined) {
        appendFileSync(join(folder.at("refusing"), copy), broken);
        await expect(table.countDistinct(["n"], 10)).rejects.toMatchObject({
          code: "TABLE_UNREADABLE",
          message: expect.stringMatching(
            /copied\.(csv|ndjson) cannot be read as (CSV|JSON lines): in a plain copy of it, (?!.*refusing)/,
          ),
        });
      }
      table.close();
    }
  });
});
