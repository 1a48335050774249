import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { type ColumnCoding, createRecordEncoder, referenceRoles } from "@oddflow/preprocessing";
import { describe, expect, type TestContext, test } from "vitest";
import { checkColumns, createScoredTableWriter, type FlowTable, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const data = join(import.meta.dirname, "../../../../shared/data");

/** The path of a real table, under a name that says its format; skips the test where the data is not there. */
function realTable(context: TestContext, path: string, name?: string): string {
  const from = join(data, path);
  if (!existsSync(from)) context.skip(`needs ../shared/data/${path}`);
  if (name === undefined) return from;
  copyFileSync(from, folder.at(name));
  return folder.at(name);
}

/** Codings by the reference rule, with the vocabularies of the table itself. */
async function referenceCodings(table: FlowTable): Promise<readonly ColumnCoding[]> {
  const names = table.columns.map(({ name }) => name);
  const counts = await table.countDistinct(names, 257);
  const roles = referenceRoles(
    table.columns.map((column, index) => ({ ...column, distinct: counts[index] ?? 0 })),
  );
  const codings: ColumnCoding[] = [];
  for (const { name, role } of roles) {
    if (role === "number") codings.push({ kind: "number", name });
    if (role !== "category") continue;
    const type = table.columns.find((column) => column.name === name)?.type;
    const valueType = type === "integer" || type === "number" ? "number" : "text";
    codings.push({
      kind: "category",
      name,
      valueType,
      vocabulary: await table.distinctValues(name, valueType, 1024),
    });
  }
  return codings;
}

/** How many values differ; many times faster than `toEqual` on long arrays. */
function differences(a: Float32Array, b: Float32Array): number {
  let count = Math.abs(a.length - b.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (!Object.is(a[i], b[i])) count++;
  return count;
}

describe("real tables", () => {
  test("UNSW-NB15 gives what the record encoder gives for its rows", async (context) => {
    const path = realTable(context, "unsw-nb15/flows.parquet");
    const table = await openTable(path);
    const codings = await referenceCodings(table);
    expect([table.rows, codings.length]).toEqual([50_607, 33]);
    await checkColumns(table, codings);
    const columns = await collect(table.scan(codings));
    table.close();

    const names = codings.map(({ name }) => name);
    const rows = await folder.sql(`SELECT ${names.map((name) => `"${name}"`).join(", ")} FROM '${path}'`);
    const records = rows.map((row) => Object.fromEntries(names.map((name, k) => [name, row[k]])));
    const { flows, report } = createRecordEncoder(codings).encode(records);
    expect(report.unseen.size).toBe(0);
    expect(columns.length).toBe(33);
    columns.forEach((column, k) => {
      const expected = Float32Array.from(records, (_, row) => flows[row * codings.length + k] ?? 0);
      expect([k, differences(column, expected)]).toEqual([k, 0]);
    });
  });

  test("UNSW-NB15 reads the same as Parquet, CSV and JSON lines", async (context) => {
    const path = realTable(context, "unsw-nb15/flows.parquet");
    const copies: string[] = [];
    for (const name of ["unsw.csv", "unsw.ndjson"]) copies.push(await folder.copy(`FROM '${path}'`, name));
    const read = async (copy: string) => {
      const table = await openTable(copy);
      const codings = await referenceCodings(table);
      const columns = await collect(table.scan(codings));
      table.close();
      return { types: table.columns, codings, columns };
    };
    const parquet = await read(path);
    for (const copy of copies) {
      const { types, codings, columns } = await read(copy);
      expect([types, codings]).toEqual([parquet.types, parquet.codings]);
      columns.forEach((column, k) => {
        expect([k, differences(column, parquet.columns[k] ?? new Float32Array())]).toEqual([k, 0]);
      });
    }
  });

  test("Argus flows as CSV keep their ports, hexadecimal ones too", async (context) => {
    const path = realTable(context, "tool-outputs/argus.binetflow", "argus.csv");
    const table = await openTable(path);
    const types = Object.fromEntries(table.columns.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      StartTime: "time",
      Dur: "number",
      Proto: "text",
      TotBytes: "integer",
      SrcPkts: "integer",
    });
    const numbers = ["Dur", "TotPkts", "TotBytes", "SrcBytes", "SrcPkts"].map(
      (name) => ({ kind: "number", name }) as const,
    );
    await checkColumns(table, numbers);
    const columns = await collect(table.scan(numbers));
    expect(columns[1]?.length).toBe(table.rows);
    expect(columns[1]?.every((packets) => packets >= 1)).toBe(true);

    const writer = await createScoredTableWriter(table, {
      path: folder.at("argus-scored.csv"),
      columns: "all",
    });
    writer.write({
      score: new Float32Array(table.rows),
      isAnomaly: new Uint8Array(table.rows),
      rarity: new Float64Array(table.rows),
    });
    await writer.finish();
    table.close();
    const cells = (file: string): Promise<unknown[][]> =>
      folder.sql(`SELECT * EXCLUDE (Label) FROM read_csv('${file}', all_varchar = true)`);
    const scored = await cells(folder.at("argus-scored.csv"));
    expect(scored.map((row) => row.slice(0, -3))).toEqual(await cells(path));
  });

  test("a Zeek log as JSON lines has its dotted columns", async (context) => {
    const table = await openTable(realTable(context, "tool-outputs/zeek-conn.json.log", "zeek.ndjson"));
    expect(table.rows).toBe(576);
    const codings: readonly ColumnCoding[] = [
      { kind: "number", name: "id.resp_p" },
      {
        kind: "category",
        name: "proto",
        valueType: "text",
        vocabulary: await table.distinctValues("proto", "text", 10),
      },
    ];
    const [ports, protocols] = await collect(table.scan(codings));
    table.close();
    expect(ports?.length).toBe(576);
    expect(protocols?.every((code) => code < 3)).toBe(true);
  });

  test("Suricata's events, of many kinds and nested, can be read and written whole", async (context) => {
    const table = await openTable(realTable(context, "tool-outputs/suricata-eve.json", "eve.json"));
    expect(table.rows).toBe(3512);
    expect(table.columns.find(({ name }) => name === "flow.bytes_toserver")?.type).toBe("integer");
    expect(await table.distinctValues("event_type", "text", 100)).toEqual(["flow"]);
    const [reading] = table.readings;
    expect([...(reading?.leftOut.values() ?? [])].reduce((sum, count) => sum + count, 0)).toBe(5000 - 3512);
    const writer = await createScoredTableWriter(table, {
      path: folder.at("eve-scored.ndjson"),
      columns: "all",
    });
    writer.write({
      score: new Float32Array(3512),
      isAnomaly: new Uint8Array(3512),
      rarity: new Float64Array(3512),
    });
    await writer.finish();
    table.close();
    const [[same] = []] = await folder.sql(
      `SELECT count(*)::INT
       FROM (FROM read_ndjson_objects('${folder.at("eve.json")}') WHERE (json ->> 'event_type') = 'flow') a
       POSITIONAL JOIN read_ndjson_objects('${folder.at("eve-scored.ndjson")}') b
       WHERE (a.json -> 'flow') IS NOT DISTINCT FROM nullif(b.json -> 'flow', 'null')
         AND (a.json ->> 'timestamp') = (b.json ->> 'timestamp')`,
    );
    expect(same).toBe(3512);
  });
});
