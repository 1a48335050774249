import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ColumnCoding } from "@oddflow/preprocessing";
import { createScoredTableWriter, type FlowTable, openTable } from "@oddflow/tables";
import { afterAll, describe, expect, test } from "vitest";
import { makeTableFolder } from "../../tables/test/table-folder.ts";
import { scoreStream } from "../src/score-stream.ts";
import { keepingScorer } from "./keeping-scorer.ts";

const SENSORS = fileURLToPath(new URL("../../../fixtures/sensors/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "oddflow-forms-"));
const tables = await makeTableFolder();
afterAll(() => rmSync(folder, { recursive: true }));

async function numbersOf(path: string, name: string, from?: string): Promise<readonly number[]> {
  const table = await openTable(path, { threads: 1, from });
  try {
    const values: number[] = [];
    for await (const { columns } of table.scan([{ kind: "number", name }]))
      values.push(...(columns[0] ?? []));
    return values;
  } finally {
    table.close();
  }
}

/** Scores a table as 0, 1, 2, ... in its own form, and gives what was written. */
async function writeScored(table: FlowTable, path: string): Promise<string> {
  const top = { names: ["duration", "proto"], count: 2 };
  const writer = await createScoredTableWriter(table, { path, columns: "all", top });
  await writer.write({
    score: Float32Array.from({ length: table.rows }, (_, row) => row),
    isAnomaly: new Uint8Array(table.rows).fill(1, 0, 1),
    rarity: new Float64Array(table.rows),
    top: new Int16Array(2 * table.rows).map((_, place) => place % 2),
  });
  await writer.finish();
  return readFileSync(path, "utf8");
}

async function throughPipe(text: string, columns: readonly ColumnCoding[]): Promise<string> {
  const output = new PassThrough();
  const pieces: Buffer[] = [];
  output.on("data", (piece: Buffer) => pieces.push(piece));
  await scoreStream(Readable.from([Buffer.from(text)]), output, keepingScorer(columns, []), {
    threshold: 1,
    top: 0,
    fields: "all",
  });
  return Buffer.concat(pieces).toString();
}

const isFlow = (line: string): boolean => line !== "" && !line.startsWith("#");

describe("flows are written again in the form that they came in", () => {
  test.each(["conn.log", "conn-other-marks.log", "conn-fields-change.log"])("Zeek's %s", async (file) => {
    const lines = readFileSync(`${SENSORS}zeek/${file}`, "utf8").split("\n").filter(isFlow);
    const table = await openTable(`${SENSORS}zeek/${file}`, { threads: 1 });
    const path = join(folder, file);
    const separator = file === "conn-other-marks.log" ? "|" : "\t";
    const setSeparator = file === "conn-other-marks.log" ? ";" : ",";
    const written = (await writeScored(table, path)).split("\n").filter(isFlow);
    table.close();
    expect(written).toEqual(
      lines.map((line, row) =>
        [line, row, row === 0 ? "T" : "F", 0, `duration${setSeparator}proto`].join(separator),
      ),
    );
    // It is a Zeek log again, which whoever reads the first one reads.
    expect(await numbersOf(path, "score")).toEqual(lines.map((_, row) => row));
    expect(await numbersOf(path, "orig_pkts")).toEqual(
      await numbersOf(`${SENSORS}zeek/${file}`, "orig_pkts"),
    );
  });

  test("Zeek's in a pipe, with the types of what is added", async () => {
    const text = readFileSync(`${SENSORS}zeek/conn.log`, "utf8");
    const written = (await throughPipe(text, [{ kind: "number", name: "orig_pkts" }])).split("\n");
    expect(written.filter(isFlow)).toEqual(
      text
        .split("\n")
        .filter(isFlow)
        .map((line) => `${line}\t0\tF\t0`),
    );
    expect(written.find((line) => line.startsWith("#types"))).toMatch(/\tdouble\tbool\tdouble$/);
  });

  test("CSV in a pipe, quotes and all", async () => {
    const text = 'n,"a ""b"""\r\n1,"x, y"\r\n2,plain,\n';
    expect(await throughPipe(text, [{ kind: "number", name: "n" }])).toBe(
      'n,"a ""b""",score,is_anomaly,probability\n1,"x, y",0,false,0\n2,plain,0,false,0\n',
    );
  });

  test("a .log is for Zeek's alone", async () => {
    const table = await openTable(`${SENSORS}nfdump/nfdump-1.7.5.csv`, { threads: 1 });
    await expect(writeScored(table, join(folder, "other.log"))).rejects.toMatchObject({ code: "USAGE" });
    table.close();
  });
});

describe("what a name does not tell the content does", () => {
  const source = `${SENSORS}nfdump/nfdump-1.7.5.csv`;

  test.each(["flows", "day.dat", "day.2026-02-03"])("of a file called %s", async (name) => {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(source));
    expect(await numbersOf(path, "bytes")).toEqual(await numbersOf(source, "bytes"));
  });

  test("zstd, as another program packs it, and no zstd under its name", async () => {
    const path = tables.at("packed.csv.zst");
    await tables.sql(
      `COPY (SELECT i AS n, 'tcp' AS p FROM range(5000) t(i)) TO '${path}' (FORMAT csv, HEADER, COMPRESSION zstd)`,
    );
    expect(await numbersOf(path, "n")).toEqual(Array.from({ length: 5000 }, (_, row) => row));
    const cut = join(folder, "cut.csv.zst");
    writeFileSync(cut, readFileSync(path).subarray(0, 200));
    await expect(openTable(cut)).rejects.toThrow(/zstd data is cut short or damaged/);
    const plain = join(folder, "plain.csv.zst");
    writeFileSync(plain, "a,b\n1,2\n");
    await expect(openTable(plain)).rejects.toThrow(/is no zstd data; take .zst off its name/);
  });

  test("unless --from says it", async () => {
    mkdirSync(join(folder, "from"));
    const path = join(folder, "from", "flows");
    writeFileSync(path, "a,b\n1,2\n");
    expect(await numbersOf(path, "a", "csv")).toEqual([1]);
    await expect(openTable(path, { from: "json" })).rejects.toMatchObject({ code: "TABLE_UNREADABLE" });
    await expect(openTable(path, { from: "netflow" })).rejects.toMatchObject({ code: "USAGE" });
  });
});

test("a sample's counts are multiplied by its rate, and a whole flow's are not", async () => {
  const path = `${SENSORS}goflow2/netflow-v9-sampled.ndjson`;
  const records = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { bytes: number; packets: number; sampling_rate: number });
  expect(new Set(records.map((record) => record.sampling_rate))).toEqual(new Set([4]));
  expect(await numbersOf(path, "bytes")).toEqual(records.map(({ bytes }) => 4 * bytes));
  expect(await numbersOf(path, "packets")).toEqual(records.map(({ packets }) => 4 * packets));
  const whole = `${SENSORS}goflow2/ipfix.ndjson`;
  const [first] = readFileSync(whole, "utf8").split("\n");
  expect((await numbersOf(whole, "bytes"))[0]).toBe((JSON.parse(first ?? "") as { bytes: number }).bytes);
});
