import { readFileSync } from "node:fs";
import type { ColumnCoding } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
// Both readers of Parquet are held to the reader of JSON.
import { readTable } from "../../workbench/src/reading/index.ts";
import { encodeColumns } from "../../workbench/src/scoring/encode-columns.ts";
import { createScoredTableWriter, type FlowTable, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
let files = 0;

/** A column, or a field of a struct: what it holds. */
type Shape = "number" | "text" | { readonly [name: string]: Shape };
const { shape: fieldShape } = fc.letrec<{ shape: Shape; struct: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Shape>("number", "text"),
    tie("struct"),
  ),
  struct: fc.dictionary(fc.constantFrom("a", "b", "c d", 'e"f', "table", "struct"), tie("shape"), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  }),
}));
const columnShapes = fc
  .tuple(
    fc.dictionary(fc.constantFrom("a", "b", "flow", "t c p"), fieldShape, {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    }),
    fc.boolean(),
  )
  // What has the dot in its own name counts before a field of that name.
  .map(([columns, hasDotted]): Readonly<Record<string, Shape>> => {
    const { a = "number" } = columns;
    // In JSON a field may be an object here and a value there; a column of Parquet is one or the other.
    const isStruct = typeof a === "object" && typeof a["b"] === "object";
    return { ...columns, ...(hasDotted && !isStruct ? { "a.b": "number" as const } : {}), n: "number" };
  });

/** A value of a shape; null somewhere, now and then. */
function valueArbitrary(shape: Shape, isFull: boolean): fc.Arbitrary<unknown> {
  const value: fc.Arbitrary<unknown> =
    shape === "number"
      ? fc.integer({ min: -99, max: 99 }).map((n) => n + 0.25)
      : shape === "text"
        ? fc.constantFrom("x", "y", "zz")
        : fc.record(
            Object.fromEntries(
              Object.entries(shape).map(([name, own]) => [name, valueArbitrary(own, isFull)]),
            ),
          );
  return isFull ? value : fc.option(value, { freq: 4 });
}

function sqlType(shape: Shape): string {
  if (shape === "number") return "DOUBLE";
  if (shape === "text") return "VARCHAR";
  const fields = Object.entries(shape).map(
    ([name, own]) => `"${name.replaceAll('"', '""')}" ${sqlType(own)}`,
  );
  return `STRUCT(${fields.join(", ")})`;
}

const codings = (table: FlowTable): ColumnCoding[] =>
  table.columns.map(({ name, type }) =>
    type === "number"
      ? { kind: "number", name }
      : { kind: "category", name, valueType: "text", vocabulary: ["x", "y"] },
  );

async function rowsOf(table: FlowTable, columns: readonly ColumnCoding[]): Promise<number[][]> {
  return (await collect(table.scan(columns))).map((column) => [...column]);
}

const table = columnShapes.chain((columns) => {
  const row = (isFull: boolean): fc.Arbitrary<unknown> => valueArbitrary(columns, isFull);
  const rows = fc.tuple(
    row(true),
    fc.array(
      row(false).map((value) => value ?? {}),
      { maxLength: 6 },
    ),
  );
  return rows.map(([first, others]) => ({ columns, rows: [first, ...others] }));
});

describe("a struct of Parquet is read as an object in JSON is", () => {
  test("the same columns and values, through table and page", async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ columns, rows }) => {
        const name = `t${files++}`;
        const lines = folder.write(`${name}.ndjson`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
        const types = Object.entries(columns).map(
          ([column, shape]) => `'${column}': '${sqlType(shape).replaceAll("'", "''")}'`,
        );
        const parquet = await folder.copy(
          `FROM read_json('${lines}', format = 'newline_delimited', columns = {${types.join(", ")}})`,
          `${name}.parquet`,
        );
        const [wanted, found] = [await openTable(lines), await openTable(parquet)];
        try {
          const names = wanted.columns.map((column) => column.name).sort();
          expect(found.columns.map((column) => column.name).sort()).toEqual(names);
          const read = codings(wanted);
          const values = await rowsOf(wanted, read);
          expect(await rowsOf(found, read)).toEqual(values);
          const page = await readTable(new Blob([readFileSync(parquet)]), parquet, () => undefined);
          expect(page.columns.map((column) => column.name).sort()).toEqual(names);
          const flows = new Float32Array(page.rows * read.length);
          encodeColumns(page, read).encode(0, page.rows, flows);
          expect(read.map((_, k) => values[k]?.map((_, row) => flows[row * read.length + k]))).toEqual(
            values,
          );
        } finally {
          wanted.close();
          found.close();
        }
      }),
      { numRuns: 20 },
    );
  });

  test("files whose structs have different fields, whole and in ranges", async () => {
    const paths = [
      await folder.copy("SELECT {a: i, b: {c: i / 2}} AS flow, i AS n FROM range(20000) t(i)", "one.parquet"),
      await folder.copy("SELECT {a: -i} AS flow, i AS n FROM range(20000) t(i)", "two.parquet"),
      await folder.copy("SELECT {b: {c: 7.5}, d: 1} AS flow, i AS n FROM range(20000) t(i)", "three.parquet"),
    ];
    const both = await openTable(paths.slice(0, 2));
    const all = await openTable(paths);
    const read: ColumnCoding[] = ["flow.a", "n"].map((name) => ({ kind: "number", name }));
    const inRanges: number[][] = [[], []];
    for (const range of await both.ranges(2)) {
      const columns = await collect(both.scan(read, { range }));
      for (const [k, column] of columns.entries()) inRanges[k]?.push(...column);
    }
    expect(inRanges).toEqual(await rowsOf(both, read));
    expect(inRanges[0]?.[20_003]).toBe(-3);
    // A file without a column that is read is refused, as for any other column.
    const lacking = collect(all.scan([{ kind: "number", name: "flow.a" }]));
    await expect(lacking).rejects.toMatchObject({
      code: "COLUMNS_MISSING",
      message: expect.stringMatching(/three\.parquet lacks "flow\.a"/),
    });
    both.close();
    all.close();
  });
});

describe("what is scored keeps the struct as it was", () => {
  const query =
    "SELECT * FROM (VALUES ({'start': 'x', 'b c': {'d': 2.5::DOUBLE, 'l': [1, 2]}}, 3), (NULL, 4), " +
    "({'start': NULL, 'b c': {'d': 'nan'::DOUBLE, 'l': NULL}}, 5)) t(flow, n)";

  async function scored(ending: string, columns: "all" | "keys"): Promise<string> {
    const path = await folder.copy(query, `s${files++}.parquet`);
    const open = await openTable(path);
    const out = folder.at(`s${files++}.scored.${ending}`);
    const writer = await createScoredTableWriter(open, { path: out, columns, keyColumns: ["flow.start"] });
    const zeros = {
      score: new Float32Array(3),
      isAnomaly: new Uint8Array(3),
      rarity: new Float64Array(3),
    };
    await writer.write(zeros);
    await writer.finish();
    open.close();
    return out;
  }

  test.each(["all", "keys"] as const)("in Parquet and in JSON, with --columns %s", async (columns) => {
    const kept = columns === "all" ? "flow, n" : "flow";
    const parquet = await scored("parquet", columns);
    const given = await folder.sql(`SELECT to_json(t)::VARCHAR FROM (SELECT ${kept} FROM (${query})) t`);
    expect(
      await folder.sql(
        `SELECT to_json(t)::VARCHAR FROM (SELECT * EXCLUDE (score, is_anomaly, probability) FROM '${parquet}') t`,
      ),
    ).toEqual(given);
    const lines = readFileSync(await scored("ndjson", columns), "utf8")
      .trim()
      .split("\n");
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.map(({ flow }) => flow)).toEqual([
      { start: "x", "b c": { d: 2.5, l: [1, 2] } },
      null,
      { start: null, "b c": { d: null, l: null } },
    ]);
  });

  test("as its fields in CSV", async () => {
    const text = readFileSync(await scored("csv", "all"), "utf8");
    expect(text.split("\n").slice(0, 2)).toEqual([
      "flow.start,flow.b c.d,flow.b c.l,n,score,is_anomaly,probability",
      'x,2.5,"[1, 2]",3,0.0,false,0.0',
    ]);
  });
});
