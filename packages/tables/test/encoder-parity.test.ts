import { type ColumnCoding, createRecordEncoder, OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FlowTable, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

/** What a table gives for a column, and what the record encoder gives for the same values. */
async function bothWays(
  path: string,
  values: readonly unknown[],
  coding: ColumnCoding,
): Promise<[unknown, unknown]> {
  return [unsigned(await scanned(path, coding)), unsigned(encoded(values, coding))];
}

/** The sign of a zero, which integers and JSON do not have, means nothing to the model. */
function unsigned(values: Float32Array | string): Float32Array | string {
  return typeof values === "string" ? values : values.map((value) => value + 0);
}

async function scanned(path: string, coding: ColumnCoding): Promise<Float32Array | string> {
  const table = await openTable(path);
  try {
    return await codesOf(table, coding);
  } finally {
    table.close();
  }
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

function withCoding<T>(values: fc.Arbitrary<T>): fc.Arbitrary<[T[], ColumnCoding]> {
  return fc
    .array(fc.option(values, { nil: null as never, freq: 6 }), { minLength: 1, maxLength: 12 })
    .chain((list) => codings(list).map((coding): [T[], ColumnCoding] => [list, coding]));
}

describe("a scan gives what the record encoder gives", () => {
  test("for JSON lines with values of any kind", async () => {
    const value = fc.oneof(doubles, fc.boolean(), texts);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(...[value, texts, numberTexts, doubles].map(withCoding<unknown>)),
        async ([values, coding]) => {
          // The second column keeps a table of nothing but nulls from having no columns.
          const lines = values.map((v) => (v === null ? '{"k":1}' : JSON.stringify({ v, k: 1 })));
          if (values.every((v) => v === null)) lines.push('{"v":null,"k":1}');
          const path = folder.write("any.ndjson", `${lines.join("\n")}\n`);
          const all = values.every((v) => v === null) ? [...values, null] : values;
          const parsed = all.map((v) => (v === null ? null : JSON.parse(JSON.stringify(v))));
          const [table, records] = await bothWays(path, parsed, coding);
          expect(table).toEqual(records);
        },
      ),
      { numRuns: 80 },
    );
  });

  test("for CSV, letter for letter, whatever the other cells look like", async () => {
    const alike = [
      fc.constantFrom("T", "F", "t", "true", "False", "yes", "no"),
      fc.constantFrom("1", "01", "1.0", "1.50", "-0", "+7", "nan", "NaN", "1e2", "9223372036854775808"),
      fc.constantFrom("2024-01-01", "2024-01-01 10:00:00", "12:30"),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(...[...alike, numberTexts, texts].map(withCoding)),
        async ([values, coding]) => {
          // A cell cannot say that it is null, and a NUL is for those who refuse it.
          const cells = values.map((value) => (value ?? "").replaceAll("\0", ""));
          const lines = cells.map((cell) => `"${cell.replaceAll('"', '""')}",1`);
          const path = folder.write("cells.csv", `v,k\n${lines.join("\n")}\n`);
          const [table, records] = await bothWays(path, cells, coding);
          expect(table).toEqual(records);
        },
      ),
      { numRuns: 80 },
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

  test("for a Parquet column of text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(withCoding(texts), withCoding(numberTexts)), async ([values, coding]) => {
        const path = await writeColumn("VARCHAR", values.map(textLiteral));
        const [table, records] = await bothWays(path, values, coding);
        expect(table).toEqual(records);
      }),
      { numRuns: 80 },
    );
  });

  test("for a Parquet column of DOUBLE", async () => {
    const value = fc.oneof(doubles, fc.constantFrom(Number.NaN, Infinity, -Infinity));
    await fc.assert(
      fc.asyncProperty(withCoding(value), async ([values, coding]) => {
        const literals = values.map((v) => (v === null ? "NULL" : `'${Object.is(v, -0) ? "-0" : v}'`));
        const path = await writeColumn("DOUBLE", literals);
        const [table, records] = await bothWays(path, values, coding);
        expect(table).toEqual(records);
      }),
      { numRuns: 80 },
    );
  });

  test.each([
    ["BIGINT", -(2n ** 63n), 2n ** 63n - 1n],
    ["UBIGINT", 0n, 2n ** 64n - 1n],
    ["SMALLINT", -32768n, 32767n],
  ] as const)("for a Parquet column of %s", async (type, min, max) => {
    const value = fc.oneof(
      fc.bigInt({ min, max }),
      fc.bigInt({ min: min < 0n ? -3n : 0n, max: 40n }),
      fc.constantFrom(min, max),
    );
    await fc.assert(
      fc.asyncProperty(withCoding(value), async ([values, coding]) => {
        const path = await writeColumn(
          type,
          values.map((v) => (v === null ? "NULL" : `'${v}'`)),
        );
        const [table, records] = await bothWays(path, values, coding);
        expect(table).toEqual(records);
      }),
      { numRuns: 30 },
    );
  });

  test("for a Parquet column of BOOLEAN", async () => {
    await fc.assert(
      fc.asyncProperty(withCoding(fc.boolean()), async ([values, coding]) => {
        const path = await writeColumn("BOOLEAN", values.map(String));
        const [table, records] = await bothWays(path, values, coding);
        expect(table).toEqual(records);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ["DECIMAL(9, 2)", 10n ** 9n - 1n],
    ["DECIMAL(38, 2)", 10n ** 38n - 1n],
  ] as const)("for a Parquet column of %s", async (type, max) => {
    const value = fc.oneof(fc.bigInt({ min: -max, max }), fc.bigInt({ min: -3n, max: 40n }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(value, { freq: 6 }), { minLength: 1, maxLength: 12 }).chain((hundredths) => {
          // JavaScript has no decimals: the nearest number to the text is what they are.
          const literals = hundredths.map((v) =>
            v === null ? null : String(v).replace(/(\d{1,2})$/, ".$1"),
          );
          const values = literals.map((text) => (text === null ? null : Number(text)));
          return codings(values).map((coding) => ({ literals, values, coding }));
        }),
        async ({ literals, values, coding }) => {
          const path = await writeColumn(
            type,
            literals.map((text) => (text === null ? "NULL" : `'${text}'`)),
          );
          const [table, records] = await bothWays(path, values, coding);
          expect(table).toEqual(records);
        },
      ),
      { numRuns: 30 },
    );
  });
});

function textLiteral(text: string | null): string {
  return text === null ? "NULL" : `'${text.replaceAll("'", "''").replaceAll("\0", "' || chr(0) || '")}'`;
}

function writeColumn(type: string, literals: readonly string[]): Promise<string> {
  const rows = literals.map((literal, row) => `(${row}, (${literal})::${type})`).join(", ");
  return folder.copy(`SELECT v FROM (VALUES ${rows}) AS rows(place, v) ORDER BY place`, "column.parquet");
}
