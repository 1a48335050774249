import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { readJsonRecord } from "@oddflow/flow-sources";
import { type ColumnCoding, createRecordEncoder, OddflowError, SCORE_COLUMNS } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createScoredTableWriter, type FlowTable, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

async function withTable<T>(paths: string | string[], use: (table: FlowTable) => Promise<T>): Promise<T> {
  const table = await openTable(paths);
  try {
    return await use(table);
  } finally {
    table.close();
  }
}

/** A table's numbers, column after column. */
function numbers(path: string | string[], ...names: string[]): Promise<number[][]> {
  return withTable(path, async (table) => {
    const columns = await collect(table.scan(names.map((name) => ({ kind: "number", name }))));
    return columns.map((column) => [...column]);
  });
}

/** The lines of a scored table, and the columns that were replaced. */
async function scoredLines(
  path: string,
  to: string,
  columns: "all" | "keys" | "none" = "all",
  keyColumns: string[] = [],
): Promise<string[]> {
  return withTable(path, async (table) => {
    const out = folder.at(to);
    const writer = await createScoredTableWriter(table, { path: out, columns, keyColumns });
    const { rows } = table;
    writer.write({
      score: new Float32Array(rows).fill(1.5),
      isAnomaly: new Uint8Array(rows),
      rarity: new Float64Array(rows).fill(0.25),
    });
    await writer.finish();
    return readFileSync(out, "utf8").split("\n").slice(0, -1);
  });
}

const ADDED = '"score":1.5,"is_anomaly":false,"probability":0.25}';

describe("lines of JSON that become lines of JSON", () => {
  const value = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom("1.0", "1e3", "-0", "1e400", "9007199254740993", "123456789012345678901234567890", "NaN"),
    fc.constantFrom('"\\u0041\\ud83d"', '{ "a" : [ 1.0 ] }'),
  );
  const name = fc.oneof(
    fc.constantFrom("b", "B", "", "__proto__", "constructor", "score", "Score", "top_columns"),
    fc.string(),
  );
  const record = fc.array(
    fc.tuple(
      name.map((text) => JSON.stringify(text)),
      value,
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  );

  test("keep every field as it was written, in its order; only an earlier scoring's are replaced", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 4 }), async (drawn) => {
        // A table of empty objects alone has no column.
        const records = [...drawn, [['"amount"', "1"]] as const];
        const textOf = (fields: readonly (readonly [string, string])[]): string =>
          fields.map(([key, text]) => `${key} :${text}`).join(",");
        const path = folder.write("kept.ndjson", records.map((own) => ` {${textOf(own)}}\r\n`).join("\n"));
        const wanted = records.map((own) => {
          const kept = textOf(own.filter(([key]) => !SCORE_COLUMNS.includes(JSON.parse(key) as string)));
          return `{${kept}${kept === "" ? "" : ","}${ADDED}`;
        });
        expect(await scoredLines(path, "kept.scored.ndjson")).toEqual(wanted);
      }),
      // An object that is empty has no columns.
      {
        numRuns: 15,
        examples: [
          [
            [
              [
                ['"top_columns"', "{}"],
                ['"b"', "1.0"],
              ],
            ],
          ],
        ],
      },
    );
  });

  test("keys, none, and records over several lines", async () => {
    const path = folder.write(
      "list.json",
      '[{"id":9007199254740993,\n"a":1.0}\n,\n{"a":2,"Id":{\n"x":[1]}}]\n',
    );
    expect(await scoredLines(path, "list1.ndjson")).toEqual([
      `{"id":9007199254740993, "a":1.0,${ADDED}`,
      `{"a":2,"Id":{ "x":[1]},${ADDED}`,
    ]);
    expect(await scoredLines(path, "list2.ndjson", "keys", ["id"])).toEqual([
      `{"id":9007199254740993,${ADDED}`,
      `{${ADDED}`,
    ]);
    expect(await scoredLines(path, "list3.ndjson", "none")).toEqual([`{${ADDED}`, `{${ADDED}`]);
  });
});

describe("what JSON files may hold", () => {
  test.each([
    ["a byte order mark", "mark.ndjson", '\ufeff{"a":1}\n{"a":2}\n'],
    ["a byte order mark before a list", "mark.json", '\ufeff[{"a":1},{"a":2}]'],
    ["half of a surrogate pair", "half.ndjson", '{"a":1,"ua":"x\\ud83dy"}\n{"a":2}\n'],
    ["a name twice: the last counts", "twice.ndjson", '{"a":5,"a":1}\n{"a":null,"a":2}\n'],
    ["names that differ in case only", "case.ndjson", '{"A":7,"a":1}\n{"a":2}\n'],
    ["an empty name", "empty-name.ndjson", '{"":7,"a":1}\n{"a":2}\n'],
    ["a list over lines", "lines.json", '[\n{"a":1},\n{"a":\n2}\n]\n'],
    ["records over lines", "sequence.json", '{\n "a":1\n}\n{"a":2}'],
    ["blank lines, spaces, CR LF", "blank.ndjson", ' \r\n{"a":1} \r\n\t\n {"a": 2}'],
    ["numbers as texts", "texts.ndjson", '{"a":"1"}\n{"a":2.0}\n'],
  ])("%s", async (_, name, content) => {
    const path = folder.write(name, content);
    expect(await numbers(path, "a")).toEqual([[1, 2]]);
    expect(await scoredLines(path, "any.ndjson")).toHaveLength(2);
    await withTable(path, async (table) => {
      const writer = await createScoredTableWriter(table, { path: folder.at("any.parquet"), columns: "all" });
      writer.write({
        score: new Float32Array(2),
        isAnomaly: new Uint8Array(2),
        rarity: new Float64Array(2),
      });
      await writer.finish();
    });
    // Parquet readers take "a" and "A" for one name: the one that comes second has a number behind it.
    expect(await numbers(folder.at("any.parquet"), name === "case.ndjson" ? "a_1" : "a")).toEqual([[1, 2]]);
  });

  test("NaN is missing, infinities and what is too large are infinities", async () => {
    const path = folder.write("words.ndjson", '{"a":NaN}\n{"a":Infinity}\n{"a":-Infinity}\n{"a":1e400}\n');
    expect(await numbers(path, "a")).toEqual([[Number.NaN, Infinity, -Infinity, Infinity]]);
    const mixed = folder.write("mixed.ndjson", '{"a":"x"}\n{"a":NaN}\n{"a":5}\n');
    await withTable(mixed, async (table) => {
      const category = { kind: "category", name: "a", valueType: "text", vocabulary: ["x", "5"] } as const;
      expect([...((await collect(table.scan([category])))[0] ?? [])]).toEqual([0, Number.NaN, 1]);
    });
  });

  test("integers beyond 64 bits keep their digits", async () => {
    const digits = "123456789012345678901234567890";
    const path = folder.write("wide.ndjson", `{"id":${digits}}\n{"id":18446744073709551615}\n{"id":7}\n`);
    expect(await withTable(path, (table) => table.distinctValues("id", "text", 9))).toEqual(
      [digits, "18446744073709551615", "7"].sort(),
    );
    expect(await numbers(path, "id")).toEqual([[Math.fround(Number(digits)), 2 ** 64, 7]]);
    expect((await scoredLines(path, "wide.csv"))[1]).toMatch(new RegExp(`^${digits},`));
  });

  test("files of other layouts and with a mark are one table", async () => {
    const files = [
      folder.write("many1.json", '[{"a":1}\n]'),
      folder.write("many2.ndjson", '\ufeff{"a":2,"b":"x"}\n'),
      folder.write("many3.ndjson.gz", ""),
    ];
    folder.write("many3.ndjson.gz", gzipSync('{"a":3}\n'));
    expect(await numbers(files, "a")).toEqual([[1, 2, 3]]);
  });
});

describe("a record in a file", () => {
  const codings: readonly ColumnCoding[] = [
    { kind: "number", name: "a" },
    { kind: "category", name: "b", valueType: "text", vocabulary: ["x", "1", "true", "1.5", "\ufffd"] },
    { kind: "category", name: "A", valueType: "number", vocabulary: ["1", "2.5"] },
  ];
  // biome-ignore format: a list of cases
  const value = fc.oneof(
    fc.integer().map(String),
    fc.double().map((number) => JSON.stringify(number)),
    fc.constantFrom("NaN", "Infinity", "-Infinity", "1e400", "-0", "1.0", "9223372036854775808", "1e-400", "null", "true"),
    fc.constantFrom('"x"', '"1"', '""', '"\\ud800"', '"\\u0000"', '"nan"', '" 7 "', '"2024-01-01"', "[1]"),
  );
  const name = fc.oneof(fc.constantFrom("B", "", "\0", "ä", "Ä", "rowid", "filename", 'a"b'), fc.string());
  const others = fc.array(
    fc.tuple(
      name.map((text) => JSON.stringify(text)),
      fc.oneof(fc.json(), value),
    ),
    {
      maxLength: 3,
    },
  );
  const record = fc.tuple(fc.boolean(), others, value, value, value).map(([isFirst, fields, a, b, A]) => {
    const own = [`"a":${a}`, `"b":${b}`, `"A":${A}`];
    const rest = fields.filter(([key]) => !/^"[aAb]"$/.test(key)).map(([key, text]) => `${key}:${text}`);
    return `{${(isFirst ? [...own, ...rest] : [...rest, ...own]).join(",")}}`;
  });

  test("has the values that it has everywhere else, whatever stands beside them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 4 }), async (lines) => {
        const path = folder.write("same.ndjson", lines.join("\n"));
        expect(await attempt(() => scanned(path))).toEqual(await attempt(async () => encoded(lines)));
      }),
      { numRuns: 25 },
    );
  });

  /** The rows of all columns; -0 is 0 to the model. */
  function scanned(path: string): Promise<number[]> {
    return withTable(path, async (table) => {
      const columns = await collect(table.scan(codings));
      return Array.from({ length: table.rows }, (_, row) => columns.map((own) => (own[row] ?? 0) + 0)).flat();
    });
  }

  function encoded(lines: readonly string[]): number[] {
    const records = lines.map((line) => {
      const reading = readJsonRecord(new TextEncoder().encode(line));
      return "record" in reading ? reading.record : {};
    });
    return [...createRecordEncoder(codings).encode(records).flows].map((code) => code + 0);
  }

  async function attempt(read: () => Promise<number[]>): Promise<number[] | string> {
    try {
      return await read();
    } catch (thrown) {
      const code = thrown instanceof OddflowError ? thrown.code : "";
      if (!["COLUMN_TYPE", "VALUE_NOT_A_NUMBER", "RECORD_INVALID"].includes(code)) throw thrown;
      return "refused";
    }
  }

  test("may be long, and deep to the limit", async () => {
    const nested = "[".repeat(511) + "]".repeat(511);
    const path = folder.write(
      "long.ndjson",
      `{"a":1,"deep":${nested}}\n{"a":2,"text":"${"x".repeat(10 << 20)}"}\n`,
    );
    expect(await numbers(path, "a")).toEqual([[1, 2]]);
    expect((await scoredLines(path, "long.scored.ndjson"))[0]).toBe(`{"a":1,"deep":${nested},${ADDED}`);
  });
});

test("a file may lack a column that others have, but not all that are read", async () => {
  const whole = folder.write("whole.ndjson", '{"a":1,"b":2}\n');
  const part = folder.write("part.ndjson", '{"a":3}\n');
  const other = folder.write("other.ndjson", '{"c":3}\n');
  expect(await numbers([whole, part], "a", "b")).toEqual([
    [1, 3],
    [2, Number.NaN],
  ]);
  await expect(numbers([whole, part, other], "a", "b")).rejects.toMatchObject({
    code: "COLUMNS_MISSING",
    message: expect.stringContaining("other.ndjson lacks"),
  });
});

describe("what is refused, with its line", () => {
  test.each([
    ["a comma before a bracket", '{"a":1}\n\n{"a":1,}\n', /line 3 is no JSON/],
    ["nan", '{"a":1}\n{"a":nan}\n', /line 2 is no JSON/],
    ["a line cut short", '{"a":1}\r\n{"a":2}\r\n{"a":', /line 3 is no JSON/],
    ["null", '\ufeff{"a":1}\nnull\n', /line 2 holds null, expected an object/],
    [
      "a byte that is no UTF-8",
      Uint8Array.of(...Buffer.from('{"a":1}\n{"a":"'), 0xe9, 34, 125, 10),
      /line 2 .*UTF-8/,
    ],
    ["a mark further down", '{"a":1}\n\ufeff{"a":1}\n', /line 2 is no JSON/],
    ["two records in a line", '{"a":1}{"a":2}\n', /line 1 is no JSON/],
    ["zeros", '{"a":1}\n\0\0\0\n', /line 2 is no JSON/],
    ["depth", `{"a":1}\n{"a":${"[".repeat(600)}${"]".repeat(600)}}\n`, /line 2 holds more than 512 lists/],
  ])("%s", async (_, content, message) => {
    const path = folder.write("bad.ndjson", content);
    await expect(openTable(path)).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['[{"a":1}\n{"a":2}]', /line 2: a comma or \] is expected/],
    ['[{"a":1},\n{"a":2}', /the list is cut short/],
    ['[{"a":1},\n\n7]', /line 3 holds a number, expected an object/],
    ['{"a":\n1}\n{"a":"x\n"}', /line 3 is no JSON/],
  ])("in a .json file: %s", async (content, message) => {
    await expect(openTable(folder.write("bad.json", content))).rejects.toThrow(message);
  });

  test("a line over 16 MiB, before the rest of it is unpacked", async () => {
    const line = Buffer.alloc(1 << 24, " ");
    const packed = gzipSync(Buffer.concat([Buffer.from('{"a":1}\n'), line, line, line]));
    const path = folder.write("long.ndjson.gz", packed);
    await expect(openTable(path)).rejects.toThrow(/line 2 is longer than 16777216 bytes/);
  });
});
