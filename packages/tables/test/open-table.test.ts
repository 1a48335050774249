import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";
import { type FlowTable, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

async function withTable<T>(
  paths: string | readonly string[],
  use: (table: FlowTable) => Promise<T> | T,
): Promise<T> {
  const table = await openTable(paths);
  try {
    return await use(table);
  } finally {
    table.close();
  }
}

function typesOf(table: FlowTable): Record<string, string> {
  return Object.fromEntries(table.columns.map(({ name, type }) => [name, type]));
}

/** The error that opening gives; it must be ready for people. */
async function refusal(paths: string | readonly string[]): Promise<OddflowError> {
  const thrown = await openTable(paths).then(
    (table) => {
      table.close();
      return undefined;
    },
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(OddflowError);
  const error = thrown as OddflowError;
  expect(error.message).not.toMatch(/\n|DuckDB|read_csv|sample_size|Error:/);
  return error;
}

const rows = (count: number, line: (index: number) => string): string =>
  `${Array.from({ length: count }, (_, index) => line(index)).join("\n")}\n`;

describe("columns and rows", () => {
  test("of Parquet files, whatever the column's DuckDB type", async () => {
    const path = await folder.copy(
      `SELECT 1::TINYINT a, 2::UBIGINT b, 3::DECIMAL(9,2) c, 0.5::FLOAT d, true e, 'x' f, DATE '2024-01-01' g,
       TIMESTAMPTZ '2024-01-01 00:00:00+00' h, [1] i, {'x': 1} j, 'u'::ENUM('u') k, '\\x00'::BLOB l, TIME '12:00:00' m,
       INTERVAL 1 DAY n, 1::DECIMAL(38,0) o`,
      "types.parquet",
    );
    await withTable(path, (table) => {
      expect(typesOf(table)).toEqual({
        a: "integer",
        b: "integer",
        c: "number",
        d: "number",
        e: "boolean",
        f: "text",
        g: "time",
        h: "time",
        i: "other",
        "j.x": "integer",
        k: "text",
        l: "other",
        m: "time",
        n: "time",
        o: "number",
      });
      expect([table.format, table.rows, table.paths]).toEqual(["parquet", 1, [path]]);
    });
  });

  test("of CSV with its text columns of numbers as numbers", async () => {
    const path = folder.write(
      "types.csv",
      "n,x,dashed,hex,id,when,flag,word,none\n" +
        "1,1.5,-,0x1b,18446744073709551615,2019/04/04 16:23:00.325010,T,tcp,\n" +
        "2,2,7,0x02,1844674407370955161,2019/04/04 16:23:00.4,F,udp,\n",
    );
    await withTable(path, (table) => {
      expect(typesOf(table)).toEqual({
        n: "integer",
        x: "number",
        dashed: "integer",
        hex: "text",
        id: "integer",
        when: "time",
        flag: "boolean",
        word: "text",
        none: "text",
      });
      expect(table.rows).toBe(2);
    });
  });

  test.each([
    ["doubled quotes", '"x, ""y"""', 'x, "y"'],
    ["space around quotes", ' "x, y"  ', "x, y"],
    ["a line end", '"x\r\ny"', "x\r\ny"],
  ])("of CSV with %s in its cells", async (_what, cell, value) => {
    const path = folder.write("quoted.csv", `a,b\r\n1,plain\r\n2,${cell}\r\n`);
    await withTable(path, async (table) => {
      expect(await table.distinctValues("b", "text", 9)).toEqual(["plain", value]);
      expect(table.rows).toBe(2);
    });
  });

  test("of JSON lines, nested and mixed values included", async () => {
    const path = folder.write(
      "types.ndjson",
      '{"n":1,"x":1.5,"flag":true,"word":"tcp","when":"2021-06-06T15:59:46.457984+0200","nested":{"a":1},"list":[1]}\n' +
        '{"n":18446744073709551615,"mixed":"x"}\n{"mixed":1,"none":null}\n',
    );
    await withTable(path, (table) => {
      expect(typesOf(table)).toEqual({
        n: "integer",
        x: "number",
        flag: "boolean",
        word: "text",
        when: "time",
        "nested.a": "integer",
        list: "other",
        mixed: "text",
        none: "text",
      });
      expect(table.rows).toBe(3);
    });
  });

  test("of a JSON file that holds one list", async () => {
    const path = folder.write("list.json", '[\n  {"a": 1},\n  {"a": 2}\n]');
    await withTable(path, async (table) => {
      expect(await collect(table.scan([{ kind: "number", name: "a" }]))).toEqual([new Float32Array([1, 2])]);
    });
  });

  test.each([
    ["csv", "a;b\n1,5;2\n", { a: "number", b: "integer" }],
    ["tsv", "a,b\tc\n1\t2\n", { "a,b": "integer", c: "integer" }],
    ["csv", '\ufeffa,"b ""x"""\r\n1,2\r\n', { a: "integer", 'b "x"': "integer" }],
    ["csv", "proto,state\ntcp,CON\nudp,FIN\n", { proto: "text", state: "text" }],
    ["jsonl", '{"a\\"b":1}\n', { 'a"b': "integer" }],
  ])("of a .%s file that begins %j", async (extension, content, types) => {
    await withTable(folder.write(`small.${extension}`, content), (table) =>
      expect(typesOf(table)).toEqual(types),
    );
  });

  test.each(["csv", "tsv", "ndjson", "json"])("of a gzipped .%s file", async (extension) => {
    const path = folder.write(
      `packed.${extension}.gz`,
      // Two members, as `cat` makes of two files.
      Buffer.concat(
        extension.endsWith("json")
          ? [gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')]
          : [gzipSync("a\n1\n"), gzipSync("2\n")],
      ),
    );
    await withTable(path, async (table) => {
      expect(await collect(table.scan([{ kind: "number", name: "a" }]))).toEqual([new Float32Array([1, 2])]);
    });
  });
});

describe("what comes after DuckDB's sample of 20,480 rows", () => {
  const early = 25_000;

  test("a text in a CSV column of integers makes it a column of text", async () => {
    const path = folder.write("late.csv", `a,b,c\n${rows(early, (i) => `${i},${i},${i}`)}x,1.5,-\n`);
    await withTable(path, async (table) => {
      expect(typesOf(table)).toEqual({ a: "text", b: "number", c: "integer" });
      const [b, c] = await collect(table.scan(["b", "c"].map((name) => ({ kind: "number", name }))));
      expect([table.rows, b?.at(-1), c?.at(-1)]).toEqual([early + 1, 1.5, Number.NaN]);
    });
  });

  test("hexadecimal digits and a fraction in CSV columns of integers stay what they are", async () => {
    const path = folder.write(
      "late-hex.csv",
      `a,b,c\n${rows(early, (i) => `${i},${i},${i}`)}0x1b,0.5,9223372036854775808\n`,
    );
    await withTable(path, async (table) => {
      expect(typesOf(table)).toEqual({ a: "text", b: "number", c: "integer" });
      const [b, c] = await collect(table.scan(["b", "c"].map((name) => ({ kind: "number", name }))));
      expect([b?.at(-1), c?.at(-1)]).toEqual([0.5, 2 ** 63]);
      expect(await table.distinctValues("a", "text", early + 1)).toContain("0x1b");
    });
  });

  test.each([
    ["csv", "1.0", "integer", 1],
    ["csv", "1e5", "integer", 100_000],
    ["csv", "9300000000000000000", "integer", 9.3e18],
    ["csv", "-9223372036854775808", "integer", -(2 ** 63)],
    ["csv", "NULL", "integer", Number.NaN],
    ["csv", "inf", "number", Infinity],
    ["ndjson", "1e5", "number", 100_000],
    ["ndjson", "18446744073709551615", "integer", 2 ** 64],
    ["ndjson", "9223372036854775807", "integer", 2 ** 63],
    ["ndjson", "true", "text", 1],
    ["ndjson", '""', "text", Number.NaN],
  ])("in a column of integers of a .%s file, %s leaves it %s", async (extension, late, type, value) => {
    const content =
      extension === "csv"
        ? `a,b\n${rows(early, (i) => `${i},1`)}${late},1\n`
        : `${rows(early, (i) => `{"a":${i}}`)}{"a":${late}}\n`;
    await withTable(folder.write(`late-integer.${extension}`, content), async (table) => {
      const [column] = await collect(table.scan([{ kind: "number", name: "a" }]));
      expect(typesOf(table)["a"]).toBe(type);
      expect(column?.at(-1)).toBe(Math.fround(value));
    });
  });

  test("a fraction in a JSON column of integers is not rounded", async () => {
    const path = folder.write("late.ndjson", `${rows(early, (i) => `{"a":${i},"b":true}`)}{"a":0.5,"b":7}\n`);
    await withTable(path, async (table) => {
      expect(typesOf(table)["a"]).toBe("number");
      const [a, b] = await collect(table.scan(["a", "b"].map((name) => ({ kind: "number", name }))));
      expect([a?.at(-1), b?.at(-1), b?.[0]]).toEqual([0.5, 7, 1]);
    });
  });

  test("a key that no earlier JSON record has is a column", async () => {
    const path = folder.write("late-key.ndjson", `${rows(early, () => '{"a":1}')}{"a":1,"new":5}\n`);
    await withTable(path, async (table) => {
      const [column] = await collect(table.scan([{ kind: "number", name: "new" }]));
      expect([column?.[0], column?.at(-1)]).toEqual([Number.NaN, 5]);
    });
  });
});

describe("many files", () => {
  test("make one table, by name, in the order of the paths and of the names in a glob", async () => {
    folder.write("part-2.csv", "b,a\n20,2\n");
    folder.write("part-10.csv", "a,b\n10,100\n");
    folder.write("part-1.csv", "a,c\n1,x\n");
    const paths = [folder.at("part-2.csv"), folder.at("part-1*.csv")];
    await withTable(paths, async (table) => {
      expect(table.paths).toEqual(["part-2.csv", "part-1.csv", "part-10.csv"].map(folder.at));
      expect(typesOf(table)).toEqual({ a: "integer", b: "integer", c: "text" });
      const scan = (name: string) => collect(table.scan([{ kind: "number", name }]));
      expect(await scan("a")).toEqual([new Float32Array([2, 1, 10])]);
      await expect(scan("b")).rejects.toMatchObject({
        code: "COLUMNS_MISSING",
        message: expect.stringMatching(/part-1\.csv lacks "b", which other files/),
      });
    });
  });

  test("of Parquet and of JSON lines may lack columns too", async () => {
    await folder.copy("SELECT 1 AS a", "p1.parquet");
    await folder.copy("SELECT 2.5 AS a, 'x' AS b", "p2.parquet");
    folder.write("j1.ndjson", '{"a":1}\n');
    folder.write("j2.ndjson", '{"a":2.5,"b":"x"}\n');
    for (const pattern of ["p?.parquet", "j?.ndjson"]) {
      await withTable(folder.at(pattern), async (table) => {
        expect(typesOf(table)).toEqual({ a: "number", b: "text" });
        const [a] = await collect(table.scan([{ kind: "number", name: "a" }]));
        expect(a).toEqual(new Float32Array([1, 2.5]));
      });
    }
  });

  test("a file whose name looks like a glob is that file", async () => {
    const path = folder.write("odd[1]*.csv", "a\n1\n");
    folder.write("odd1.csv", "a\n2\n");
    await withTable(path, (table) => expect([table.paths, table.rows]).toEqual([[path], 1]));
  });
});

const parquet = await folder.copy("SELECT range AS a FROM range(1000)", "whole.parquet");

describe("refusals", () => {
  const bytes = readFileSync(parquet);
  const packed = gzipSync(`a,b\n${rows(50_000, (i) => `${i},${i * 2}`)}`);
  const cases: readonly (readonly [
    what: string,
    name: string,
    content: string | Uint8Array,
    code: ErrorCode,
    says: RegExp,
  ])[] = [
    ["a Parquet file of zero bytes", "e1.parquet", "", "TABLE_EMPTY", /0 bytes/],
    ["a CSV file of zero bytes", "e2.csv", "", "TABLE_EMPTY", /0 bytes/],
    ["a CSV file of nothing but a header", "e3.csv", "a,b\n", "TABLE_EMPTY", /no rows/],
    ["a CSV file of blank lines", "e4.csv", "\n\n\n", "TABLE_EMPTY", /no rows/],
    ["a JSON lines file of blank lines", "e5.ndjson", "\n\n", "TABLE_EMPTY", /no rows/],
    ["gzip data of nothing", "e6.csv.gz", gzipSync(""), "TABLE_EMPTY", /no rows/],
    [
      "a Parquet file cut in half",
      "u1.parquet",
      bytes.subarray(0, bytes.length / 2),
      "TABLE_UNREADABLE",
      /cut short/,
    ],
    ["the first bytes of a Parquet file", "u2.parquet", "PAR1", "TABLE_UNREADABLE", /cut short/],
    ["a CSV file called .parquet", "u3.parquet", "a,b\n1,2\n3,4\n", "TABLE_UNREADABLE", /no Parquet/],
    ["a Parquet file called .csv", "u4.csv", bytes, "TABLE_UNREADABLE", /name it \.parquet/],
    [
      "a Parquet file with a damaged footer",
      "u5.parquet",
      damagedFooter(bytes),
      "TABLE_UNREADABLE",
      /damaged/,
    ],
    [
      "gzip data cut in half",
      "u6.csv.gz",
      packed.subarray(0, packed.length / 2),
      "TABLE_UNREADABLE",
      /cut short/,
    ],
    [
      "gzip data without its last bytes",
      "u7.csv.gz",
      packed.subarray(0, -8),
      "TABLE_UNREADABLE",
      /cut short/,
    ],
    ["a CSV file called .gz", "u8.csv.gz", "a,b\n1,2\n", "TABLE_UNREADABLE", /take \.gz off/],
    ["gzip data called .csv", "u9.csv", packed, "TABLE_UNREADABLE", /add \.gz/],
    [
      "a CSV line of too many cells",
      "u10.csv",
      "a,b\n1,2\n1,2,3\n4,5\n",
      "TABLE_UNREADABLE",
      /line 3 has 3 cells, the first line 2/,
    ],
    [
      "a CSV line of too few cells",
      "u11.csv",
      "a,b\n1,2\n1\n4,5\n",
      "TABLE_UNREADABLE",
      /line 3 has 1 cell, the first line 2/,
    ],
    [
      "such a line far down",
      "u12.csv",
      `a,b\n${rows(60_000, (i) => `${i},1`)}1,2,3\n`,
      "TABLE_UNREADABLE",
      /line 60002/,
    ],
    [
      "a CSV quote that does not end",
      "u13.csv",
      'a,b\n1,"2\n4,5\n',
      "TABLE_UNREADABLE",
      /line 2 opens a quote/,
    ],
    ["a broken JSON line", "u15.ndjson", '{"a":1}\n{"a":\n{"a":2}\n', "TABLE_UNREADABLE", /line 2 /],
    [
      "such a line far down",
      "u16.ndjson",
      `${rows(60_000, () => '{"a":1}')}{"a"\n`,
      "TABLE_UNREADABLE",
      /line 60001 /,
    ],
    ["CSV called .ndjson", "u17.ndjson", "a,b\n1,2\n", "TABLE_UNREADABLE", /JSON/],
    [
      "a JSON line that is no object",
      "u20.ndjson",
      '{"a":1}\n[2]\n',
      "TABLE_UNREADABLE",
      /line 2 holds a list, expected an object/,
    ],
    [
      "a JSON list of numbers",
      "u21.json",
      "[{},\n2]",
      "TABLE_UNREADABLE",
      /line 2 holds a number, expected an object/,
    ],
    ["JSON objects without keys", "e7.ndjson", "{}\n{}\n", "TABLE_EMPTY", /its records have no fields/],
    [
      "JSON objects of nothing but such",
      "e8.json",
      '[{"a":{}},{}]',
      "TABLE_EMPTY",
      /its records have no fields/,
    ],
    [
      "what is no text",
      "u19.png",
      Buffer.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0]),
      "TABLE_UNREADABLE",
      /--from/,
    ],
  ];
  test.each(cases)("%s (%s)", async (_what, name, content, code, says) => {
    const error = await refusal(folder.write(name, content));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
    expect(error.message).toContain(name);
  });

  test("a folder, with a pattern that fits what lies in it", async () => {
    const lake = folder.at("a-lake");
    for (const [made, written, pattern] of [
      ["a-lake/empty", undefined, "*.parquet"],
      ["a-lake/flat", "flows.csv", "*.csv"],
      ["a-lake/deep/day=1/hour=2", "_SUCCESS", "*.parquet"],
      ["a-lake/deep/day=1/hour=2", "part-0.parquet", "**/*.parquet"],
    ] as const) {
      mkdirSync(folder.at(made), { recursive: true });
      if (written !== undefined) writeFileSync(join(folder.at(made), written), "a\n1\n");
      const asked = join(lake, made.split("/")[1] ?? "");
      expect((await refusal(`${asked}/`)).message).toContain(`for example "${asked}/${pattern}"`);
    }
  });

  test.each([
    ["a file that is not there", "nothing.parquet", /no file/],
    ["a glob that matches nothing", "nothing*.parquet", /no file matches/],
    ["a folder", ".", /is a folder/],
    ["a path through a file", "whole.parquet/x.csv", /no file/],
  ])("%s", async (_what, name, says) => {
    const error = await refusal(folder.at(name));
    expect(error.code).toBe("TABLE_NOT_FOUND");
    expect(error.message).toMatch(says);
  });

  test("an address on the network", async () => {
    expect((await refusal("https://example.org/flows.parquet")).code).toBe("USAGE");
  });

  test("no path at all", async () => {
    expect((await refusal([])).code).toBe("USAGE");
  });

  test("files of several formats", async () => {
    const error = await refusal([parquet, folder.write("other.csv", "a\n1\n")]);
    expect(error.code).toBe("TABLE_UNREADABLE");
    expect(error.message).toMatch(/whole\.parquet is Parquet and .*other\.csv is CSV/);
  });

  test("the damaged one of several files is named", async () => {
    const good = folder.write("f1.csv", "a,b\n1,2\n");
    const bad = folder.write("f2.csv", "a,b\n1,2\n3\n");
    const error = await refusal([good, bad]);
    expect(error.message).toContain("f2.csv");
    expect(error.message).not.toContain("f1.csv");
  });
});

/** A Parquet file with its first and last bytes as they should be, and a footer of nonsense. */
function damagedFooter(bytes: Uint8Array): Uint8Array {
  const damaged = Uint8Array.from(bytes);
  const footer = Buffer.from(damaged.buffer).readUInt32LE(damaged.length - 8);
  damaged.fill(0xff, damaged.length - 8 - footer, damaged.length - 8);
  return damaged;
}
