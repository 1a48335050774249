import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ColumnCoding } from "@oddflow/preprocessing";
import { checkColumns, openTable } from "@oddflow/tables";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readTable } from "../src/reading/index.ts";
import { encodeColumns } from "../src/scoring/encode-columns.ts";

const FIXTURE = new URL("../../../fixtures/flows.parquet", import.meta.url).pathname;
const REAL = new URL("../../../../shared/data/unsw-nb15", import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), "oddflow-parity-"));
afterAll(() => rmSync(folder, { recursive: true }));

const codings: ColumnCoding[] = [
  { kind: "number", name: "bytes" },
  { kind: "category", name: "proto", valueType: "text", vocabulary: ["tcp", "udp", "1", "1.5", "true", "-"] },
  { kind: "category", name: "ttl", valueType: "number", vocabulary: ["0", "1", "1.5", "254"] },
];

/** What the page makes of a file, or the code of what it says against it. */
async function inPage(path: string, wanted: readonly ColumnCoding[]): Promise<unknown> {
  try {
    const bytes = readFileSync(path);
    const table = await readTable(new Blob([bytes]), path, () => undefined);
    const flows = new Float32Array(table.rows * wanted.length);
    encodeColumns(table, wanted).encode(0, table.rows, flows);
    return Array.from(flows);
  } catch (error) {
    return { refused: (error as { code?: string }).code ?? error };
  }
}

/** What the commands make of it. */
async function inCommands(path: string, wanted: readonly ColumnCoding[]): Promise<unknown> {
  try {
    const table = await openTable(path);
    try {
      await checkColumns(table, wanted);
      const rows: number[] = [];
      for await (const { rows: count, columns } of table.scan(wanted)) {
        for (let row = 0; row < count; row++) for (const column of columns) rows.push(column[row] ?? 0);
      }
      return rows;
    } finally {
      table.close();
    }
  } catch (error) {
    return { refused: (error as { code?: string }).code ?? error };
  }
}

const number = fc.oneof(
  fc.integer({ min: -3, max: 300 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom(
    "1.50",
    "007",
    "-007",
    "nan",
    "+4",
    "1e3",
    "1e400",
    ".5",
    "9007199254740993",
    "123456789012345678901234567890",
  ),
);
const missing = fc.constantFrom("", "-", "nan", "NULL", " ");
const word = fc.constantFrom("tcp", "udp", "icmp", "a b", 'say ""hi""', "x,y", "TCP");

/** Columns are of one kind, mostly: files whose every column is a mess hold nothing that is read as numbers. */
const cells = fc.oneof(
  fc.array(number, { minLength: 5, maxLength: 5 }),
  fc.array(fc.integer({ min: 0, max: 255 }).map(String), { minLength: 5, maxLength: 5 }),
  fc.array(fc.oneof(number, missing), { minLength: 5, maxLength: 5 }),
  fc.array(fc.constantFrom("true", "false", "T", "yes", ""), { minLength: 5, maxLength: 5 }),
  fc.array(fc.oneof(word, missing), { minLength: 5, maxLength: 5 }),
  fc.array(fc.oneof(word, number), { minLength: 5, maxLength: 5 }),
);

test("a CSV file means in the page what it means to the commands", async () => {
  let files = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(cells, cells, cells),
      fc.constantFrom("\n", "\r\n"),
      async ([bytes, proto, ttl], end) => {
        // A first column of words says to DuckDB, too, that the first line is a header.
        const lines = bytes.map((cell, row) => ["row", cell, proto[row], ttl[row]]);
        const text = [["what", "bytes", "proto", "ttl"], ...lines].map((line) =>
          line.map((cell) => (/[",]/.test(cell ?? "") ? `"${cell}"` : cell)).join(","),
        );
        const path = join(folder, `${files++}.csv`);
        writeFileSync(path, `${text.join(end)}${end}`);
        expect(await inPage(path, codings)).toEqual(await inCommands(path, codings));
      },
    ),
    { numRuns: 20 },
  );
});

const jsonValue = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(null, true, false, "tcp", "udp", "1", "1.5", "-", "", "x"),
);
const jsonRecord = fc.record(
  {
    bytes: fc.oneof({ weight: 9, arbitrary: fc.oneof(fc.integer(), fc.double({ noNaN: true })) }, jsonValue),
    proto: jsonValue,
    ttl: fc.oneof(fc.integer({ min: 0, max: 255 }), jsonValue),
  },
  { requiredKeys: [] },
);

test("JSON lines mean in the page what they mean to the commands", async () => {
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(jsonRecord, { minLength: 1, maxLength: 6 }), async (records) => {
      const path = join(folder, `${files++}.ndjson`);
      // All three columns are there.
      const all = [{ bytes: 1, proto: "tcp", ttl: 1 }, ...records];
      writeFileSync(path, all.map((record) => `${JSON.stringify(record)}\n`).join(""));
      expect(await inPage(path, codings)).toEqual(await inCommands(path, codings));
    }),
    { numRuns: 20 },
  );
});

const unsw: ColumnCoding[] = [
  { kind: "category", name: "protocol", valueType: "text", vocabulary: ["tcp", "udp", "arp"] },
  { kind: "category", name: "ct_flw_http_mthd", valueType: "number", vocabulary: ["0", "1", "4"] },
  ...["dur", "sload", "sbytes", "stcpb", "stime", "source_port", "tcprtt"].map(
    (name): ColumnCoding => ({ kind: "number", name }),
  ),
];

test("the fixture's Parquet", async () => {
  const flows = await inPage(FIXTURE, unsw);
  expect(flows).toHaveLength(24_000 * unsw.length);
  expect(flows).toEqual(await inCommands(FIXTURE, unsw));
});

test("a column that the model needs and the table lacks", async () => {
  const path = join(folder, "lacking.csv");
  writeFileSync(path, "Bytes,proto\n1,tcp\n");
  const table = await readTable(new Blob([readFileSync(path)]), "lacking.csv", () => undefined);
  expect(() => encodeColumns(table, codings)).toThrow(
    'read table: lacking.csv lacks 2 columns: "bytes" (it has "Bytes"), "ttl"; add or rename them',
  );
});

test("text where numbers are expected is told by column and row", async () => {
  const table = await readTable(
    new Blob(["what,bytes,proto,ttl\nx,1,tcp,1\nx,many,tcp,1\nx,2,udp,1\nx,few,udp,1\n"]),
    "flows.csv",
    () => undefined,
  );
  expect(() => encodeColumns(table, codings)).toThrow(
    'column "bytes" of flows.csv holds text where numbers are expected: 2 of 4 values are no numbers, the first is "many" in row 2',
  );
});

test.skipIf(!existsSync(REAL))("real flows (skipped without ../shared/data/unsw-nb15)", async () => {
  const path = join(REAL, "flows.parquet");
  expect(await inPage(path, unsw)).toEqual(await inCommands(path, unsw));
});
