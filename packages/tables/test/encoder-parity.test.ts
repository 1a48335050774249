import { type ColumnCoding, createRecordEncoder, OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FlowTable, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

/** A column's values, one a row, and how it is coded. */
interface DrawnColumn<T> {
  readonly values: readonly (T | null)[];
  readonly coding: ColumnCoding;
}

/** Sees that a table gives for its columns what the record encoder gives for the same values. */
async function expectParity(path: string, columns: readonly DrawnColumn<unknown>[]): Promise<void> {
  const expected = columns.map(({ values, coding }) => unsigned(encoded(values, coding)));
  const taken = columns.filter((_, k) => expected[k] !== "refused");
  const table = await openTable(path);
  try {
    // A scan that holds a column which is to be refused says nothing of the others.
    const scanned = taken.length === 0 ? [] : await collect(table.scan(taken.map(({ coding }) => coding)));
    for (const [k, { coding }] of columns.entries()) {
      const place = taken.findIndex((column) => column.coding === coding);
      const found = place === -1 ? await codesOf(table, coding) : unsigned(scanned[place] ?? "refused");
      expect([coding, found]).toEqual([coding, expected[k]]);
    }
  } finally {
    table.close();
  }
}

/** The sign of a zero, which integers and JSON do not have, means nothing to the model. */
function unsigned(values: Float32Array | string): Float32Array | string {
  return typeof values === "string" ? values : values.map((value) => value + 0);
}

async function codesOf(table: FlowTable, coding: ColumnCoding): Promise<Float32Array | string> {
  try {
    return (await collect(table.scan([coding])))[0] ?? new Float32Array();
  } catch (thrown) {
    if (thrown instanceof OddflowError && thrown.code === "COLUMN_TYPE") return "refused";
    throw thrown;
  }
}

function encoded(values: readonly unknown[], coding: ColumnCoding): Float32Array | string {
  try {
    return createRecordEncoder([coding]).encode(values.map((value) => ({ [coding.name]: value }))).flows;
  } catch (thrown) {
    if (thrown instanceof OddflowError && thrown.code === "VALUE_NOT_A_NUMBER") return "refused";
    throw thrown;
  }
}

// biome-ignore format: a list of cases
const numberTexts = fc.constantFrom(
  "", " ", "-", "?", "nan", "NaN", " NA ", "n/a", "NULL", "None", "(empty)", "inf", "-Infinity", "+INF", "1", "1.0",
  "-0", "007", " 12\t", "\r\n3", "5.", ".5", "+.5e+2", "1e5", "1E-7", "1e400", "-1e400", "3.5e38", "1e-50", "16777217",
  "9007199254740993", "0.1", "123456789012345678901234567890",
);
// biome-ignore format: a list of cases
const otherTexts = fc.constantFrom(
  "1_000", "0x1f", "1,5", "tcp", "it's", 'say "no"', "ünï", "１", "true", "1 2", ".", "e5", "+", "\f1", "\u00a01", "naN!",
  "2021-01-01", "12:00:00", "null.", "a\nb", "😀", "İnf", "nul\0",
);
const texts = fc.oneof(numberTexts, otherTexts, fc.string({ unit: "grapheme", maxLength: 6 }));
const doubles = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -3, max: 40 }),
  // biome-ignore format: a list of cases
  fc.constantFrom(
    0, -0, 1e21, 1e-7, 3.4028234663852886e38, 3.4028235677973362e38, 3.4028235677973366e38, 16777217, 5e-324,
    Number.MAX_VALUE, 2 ** 53, 2 ** 60, 0.1, 123456789012345680000,
  ),
);

/** Codings that have some of the values in their vocabularies, short and long. */
function codings(values: readonly unknown[]): fc.Arbitrary<ColumnCoding> {
  const known = values.filter((value) => value !== null).map(String);
  const vocabulary = (padding: readonly string[]): fc.Arbitrary<readonly string[]> =>
    fc
      .tuple(fc.subarray(known), fc.boolean())
      .map(([some, long]) => [...new Set(long ? [...some, ...padding] : some)].filter((text) => text !== ""));
  const integers = Array.from({ length: 40 }, (_, index) => String(index));
  const words = Array.from({ length: 40 }, (_, index) => `word ${index}`);
  const canonical = known.map((text) => String(Number(text.trim()))).filter((text) => text !== "NaN");
  return fc.oneof(
    fc.constant<ColumnCoding>({ kind: "number", name: "v" }),
    vocabulary(words).map(
      (list): ColumnCoding => ({ kind: "category", name: "v", valueType: "text", vocabulary: list }),
    ),
    fc.tuple(fc.subarray(canonical), fc.boolean()).map(
      ([some, long]): ColumnCoding => ({
        kind: "category",
        name: "v",
        valueType: "number",
        vocabulary: [...new Set(long ? [...some, ...integers] : some)],
      }),
    ),
  );
}

/** Opening a table takes ten times as long as scanning a column of it, so each has several, named v0, v1, ... */
function columnsOf<T>(values: fc.Arbitrary<T>): fc.Arbitrary<DrawnColumn<T>[]> {
  return columns(
    fc
      .array(fc.option(values, { nil: null, freq: 6 }), { minLength: 1, maxLength: 12 })
      .chain((list) => codings(list).map((coding) => ({ values: list, coding }))),
  );
}

/** The shorter columns end in nulls. */
function columns<T>(column: fc.Arbitrary<DrawnColumn<T>>): fc.Arbitrary<DrawnColumn<T>[]> {
  return fc.array(column, { minLength: 1, maxLength: 6 }).map((drawn) => {
    const rows = Math.max(...drawn.map(({ values }) => values.length));
    return drawn.map(({ values, coding }, k) => ({
      values: Array.from({ length: rows }, (_, row) => values[row] ?? null),
      coding: { ...coding, name: `v${k}` },
    }));
  });
}

/** The places of a table's rows. */
function placesOf([first]: readonly DrawnColumn<unknown>[]): number[] {
  return Array.from({ length: first?.values.length ?? 0 }, (_, row) => row);
}

describe("a scan gives what the record encoder gives", () => {
  test("for JSON lines with values of any kind", async () => {
    const value = fc.oneof(doubles, fc.boolean(), texts);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(...[value, texts, numberTexts, doubles].map(columnsOf<unknown>)),
        async (drawn) => {
          const lines = placesOf(drawn).map((row) => {
            const fields = drawn.flatMap(({ values, coding }) =>
              values[row] === null ? [] : [[coding.name, values[row]]],
            );
            // A column more keeps a table of nothing but nulls from having none.
            return JSON.stringify({ ...Object.fromEntries(fields), k: 1 });
          });
          const nulls = Object.fromEntries(drawn.map(({ coding }) => [coding.name, null]));
          const path = folder.write(
            "any.ndjson",
            `${lines.join("\n")}\n${JSON.stringify({ ...nulls, k: 1 })}\n`,
          );
          const parsed = drawn.map(({ values, coding }) => ({
            values: [...values, null].map((v) => (v === null ? null : JSON.parse(JSON.stringify(v)))),
            coding,
          }));
          await expectParity(path, parsed);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("for CSV, letter for letter, whatever the other cells look like", async () => {
    const alike = [
      fc.constantFrom("T", "F", "t", "true", "False", "yes", "no"),
      fc.constantFrom("1", "01", "1.0", "1.50", "-0", "+7", "nan", "NaN", "1e2", "9223372036854775808"),
      fc.constantFrom("2024-01-01", "2024-01-01 10:00:00", "12:30"),
    ];
    await fc.assert(
      fc.asyncProperty(fc.oneof(...[...alike, numberTexts, texts].map(columnsOf)), async (drawn) => {
        // A cell cannot say that it is null, and a NUL is for those who refuse it.
        const cells = drawn.map(({ values, coding }) => ({
          values: values.map((value) => (value ?? "").replaceAll("\0", "")),
          coding,
        }));
        const lines = placesOf(cells).map((row) =>
          [...cells.map(({ values }) => `"${values[row]?.replaceAll('"', '""')}"`), "1"].join(","),
        );
        const header = [...cells.map(({ coding }) => coding.name), "k"].join(",");
        await expectParity(folder.write("cells.csv", `${header}\n${lines.join("\n")}\n`), cells);
      }),
      { numRuns: 15 },
    );
  });

  test.each(["1_000", "-nan", "nan(1)", "\v5", "0x1b", "01"])(
    "for a cell %j of CSV that comes late in a column of numbers",
    async (cell) => {
      // More than the rows that DuckDB finds a column's type from.
      const cells = [...Array.from({ length: 20_500 }, () => "1.5"), cell];
      const path = folder.write("late.csv", `v,k\n${cells.map((own) => `"${own}",1`).join("\n")}\n`);
      const table = await openTable(path);
      for (const coding of [
        { kind: "number", name: "v" },
        { kind: "category", name: "v", valueType: "text", vocabulary: ["1", "1.5", cell] },
        { kind: "category", name: "v", valueType: "number", vocabulary: ["1", "1.5", "5", "27", "1000"] },
      ] satisfies ColumnCoding[]) {
        expect([coding, await codesOf(table, coding)]).toEqual([coding, encoded(cells, coding)]);
      }
      table.close();
    },
  );

  test("for Parquet columns of text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(columnsOf(texts), columnsOf(numberTexts)), async (drawn) => {
        await expectParity(await writeColumns("VARCHAR", drawn, textLiteral), drawn);
      }),
      { numRuns: 15 },
    );
  });

  test("for Parquet columns of DOUBLE", async () => {
    const value = fc.oneof(doubles, fc.constantFrom(Number.NaN, Infinity, -Infinity));
    await fc.assert(
      fc.asyncProperty(columnsOf(value), async (drawn) => {
        const path = await writeColumns("DOUBLE", drawn, (v) => `'${Object.is(v, -0) ? "-0" : v}'`);
        await expectParity(path, drawn);
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ["BIGINT", -(2n ** 63n), 2n ** 63n - 1n],
    ["UBIGINT", 0n, 2n ** 64n - 1n],
    ["SMALLINT", -32768n, 32767n],
  ] as const)("for Parquet columns of %s", async (type, min, max) => {
    const value = fc.oneof(
      fc.bigInt({ min, max }),
      fc.bigInt({ min: min < 0n ? -3n : 0n, max: 40n }),
      fc.constantFrom(min, max),
    );
    await fc.assert(
      fc.asyncProperty(columnsOf(value), async (drawn) => {
        await expectParity(await writeColumns(type, drawn, (v) => `'${v}'`), drawn);
      }),
      { numRuns: 8 },
    );
  });

  test("for Parquet columns of BOOLEAN", async () => {
    await fc.assert(
      fc.asyncProperty(columnsOf(fc.boolean()), async (drawn) => {
        await expectParity(await writeColumns("BOOLEAN", drawn, String), drawn);
      }),
      { numRuns: 8 },
    );
  });

  test.each([
    ["DECIMAL(9, 2)", 10n ** 9n - 1n],
    ["DECIMAL(38, 2)", 10n ** 38n - 1n],
  ] as const)("for Parquet columns of %s", async (type, max) => {
    const hundredth = fc.oneof(fc.bigInt({ min: -max, max }), fc.bigInt({ min: -3n, max: 40n }));
    const literal = hundredth.map((v) => String(v).replace(/(\d{1,2})$/, ".$1"));
    const column = fc
      .array(fc.option(literal, { nil: null, freq: 6 }), { minLength: 1, maxLength: 12 })
      .chain((list) => codings(list.map(numberOf)).map((coding) => ({ values: list, coding })));
    await fc.assert(
      fc.asyncProperty(columns(column), async (drawn) => {
        const path = await writeColumns(type, drawn, String);
        await expectParity(
          path,
          drawn.map(({ values, coding }) => ({ values: values.map(numberOf), coding })),
        );
      }),
      { numRuns: 8 },
    );
  });
});

/** JavaScript has no decimals: the nearest number to the text is what they are. */
function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}

function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll("\0", "' || chr(0) || '")}'`;
}

/** Writes columns of a type. @param literal the SQL of a value that is there */
function writeColumns<T>(
  type: string,
  drawn: readonly DrawnColumn<T>[],
  literal: (value: T) => string,
): Promise<string> {
  const names = drawn.map(({ coding }) => coding.name);
  const rows = placesOf(drawn).map((row) => {
    const cells = drawn.map(({ values }) => {
      const value = values[row] ?? null;
      return `(${value === null ? "NULL" : literal(value)})::${type}`;
    });
    return `(${[row, ...cells].join(", ")})`;
  });
  return folder.copy(
    `SELECT ${names} FROM (VALUES ${rows.join(", ")}) AS rows(place, ${names}) ORDER BY place`,
    "columns.parquet",
  );
}
