import { gzipSync } from "node:zlib";
import { numberOfText } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellText, cellValue, columnTimes, type FlowColumns, readTable } from "../src/reading/index.ts";

const read = (text: string | Uint8Array<ArrayBuffer>, name: string): Promise<FlowColumns> =>
  readTable(new Blob([text]), name, () => undefined);

const rowsOf = ({ rows, columns }: FlowColumns): unknown[] =>
  Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, cellValue(column, row)])),
  );

describe("CSV", () => {
  test("a row with a cell too many or too few is told by its line", async () => {
    await expect(read('a,b\n"x\ny",2\n3\n', "flows.csv")).rejects.toThrow(
      "line 4 has 1 cell, the first line 2",
    );
    await expect(read("a;b\n1;2;3", "flows.csv")).rejects.toThrow("line 2 has 3 cells, the first line 2");
    await expect(read('a,b\n1,"open\n2,3\n', "flows.csv")).rejects.toThrow("line 2 opens a quote");
  });

  test("what is no text, and what has no rows", async () => {
    await expect(read(Uint8Array.of(97, 0, 44, 98, 10, 49, 44, 50, 10), "flows.csv")).rejects.toThrow(
      "NUL byte",
    );
    await expect(read("a,b\n", "flows.csv")).rejects.toThrow("holds no rows");
    await expect(read('{}\n{"a":{}}\n', "flows.ndjson")).rejects.toThrow("its records have no fields");
    await expect(read("", "flows.csv")).rejects.toThrow("is empty");
    await expect(read(Uint8Array.of(137, 80, 78, 71, 0, 0), "picture.png")).rejects.toThrow(
      "neither Parquet nor text",
    );
    await expect(read(gzipSync("a,b\n1,2\n").subarray(0, 12), "flows.csv.gz")).rejects.toThrow(
      "no gzip data, cut short",
    );
  });

  test("columns are numbers, truth values, times or texts by all their cells; cells keep their text", async () => {
    const table = await read(
      "\ufeffn,whole,flag,when,mixed,id\n1.50,7,true,2015-01-22 12:00:01,1.50,9007199254740993\n,8,False,,x,1\n",
      "flows.csv",
    );
    expect(table.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "n number",
      "whole integer",
      "flag boolean",
      "when time",
      "mixed text",
      "id integer",
    ]);
    expect(rowsOf(table)).toEqual([
      { n: 1.5, whole: 7, flag: true, when: "2015-01-22 12:00:01", mixed: "1.50", id: "9007199254740993" },
      { n: null, whole: 8, flag: false, when: null, mixed: "x", id: "1" },
    ]);
    const [when] = table.columns.filter(({ name }) => name === "when");
    expect(when && [...columnTimes(when)]).toEqual([Date.UTC(2015, 0, 22, 12, 0, 1) / 1000, Number.NaN]);
  });

  test("packed with gzip", async () => {
    expect(rowsOf(await read(gzipSync("a\tb\n1\tx\n"), "flows.tsv.gz"))).toEqual([{ a: 1, b: "x" }]);
  });
});

describe("JSON lines", () => {
  const value = fc.oneof(
    fc.integer(),
    // JSON.stringify writes -0 as 0.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
  );
  const records = fc
    .array(fc.dictionary(fc.constantFrom("a", "b", "c"), value), { minLength: 1, maxLength: 8 })
    .filter((all) => all.some((record) => Object.keys(record).length > 0));

  test("every record comes back, with null where it lacks a key", async () => {
    await fc.assert(
      fc.asyncProperty(records, async (all) => {
        const keys = [...new Set(all.flatMap((record) => Object.keys(record)))];
        const whole = all.map((record) => Object.fromEntries(keys.map((key) => [key, record[key] ?? null])));
        expect(
          rowsOf(await read(all.map((record) => `${JSON.stringify(record)}\n`).join(""), "f.ndjson")),
        ).toEqual(whole);
        expect(rowsOf(await read(JSON.stringify(all), "f.json"))).toEqual(whole);
      }),
    );
  });

  test("a broken line is told by its number", async () => {
    await expect(read('{"a":1}\n\n{"a":', "f.ndjson")).rejects.toThrow('line 3 is no JSON: {"a":;');
    await expect(read("[1, 2]", "f.json")).rejects.toThrow("line 1 holds a number, expected an object");
  });

  test("digits beyond 2^53 stay; NaN is missing; a name twice, in two cases, half of a surrogate pair, a mark", async () => {
    const text =
      '\ufeff{"id":123456789012345678901234567890,"n":NaN}\n{"id":9007199254740993,"N":1,"n":2,"n":Infinity,"u":"\\ud83d"}\n';
    const table = await read(text, "f.ndjson");
    expect(rowsOf(table)).toEqual([
      { id: 123456789012345678901234567890n, n: null, N: null, u: null },
      { id: 9007199254740993n, n: Infinity, N: 1, u: "\ufffd" },
    ]);
    expect(table.columns[0]?.type).toBe("integer");
  });

  test.each([
    ["f.ndjson", '{"a":1}\n{"a":1,}\n', "line 2 is no JSON"],
    ["f.ndjson", '{"a":1}\n\n[]\n', "line 3 holds a list, expected an object"],
    ["f.ndjson", '{"a":1}\n{"a":2}{"a":3}\n', "line 2 is no JSON"],
    [
      "f.ndjson",
      Uint8Array.of(10, 123, 34, 97, 34, 58, 34, 255, 34, 125),
      "line 2 holds bytes that are not UTF-8",
    ],
    ["f.ndjson", `{}\n${" ".repeat(2 ** 24 + 2)}`, "line 2 is longer than 16777216 bytes"],
    ["f.json", '[{"a":1},\nnull]', "line 2 holds null"],
    ["f.json", '[{"a":1},', "the list is cut short"],
  ])("in %s, %j: %s", async (name, text, message) => {
    await expect(read(text as string, name)).rejects.toThrow(message);
  });

  test("records over several lines", async () => {
    expect(rowsOf(await read('{\n"a":1\n}\n{"a":2}', "f.json"))).toEqual([{ a: 1 }, { a: 2 }]);
  });
});

describe("whole numbers beyond all that a double holds", () => {
  const digits = "9".repeat(400);
  test.each([
    ["flows.ndjson", `{"n":${digits}}\n{"n":1}\n`],
    ["conn.log", `#separator \\x09\n#fields\tn\n#types\tcount\n${digits}\n1\n`],
  ])("keep their digits in %s", async (name, text) => {
    const { columns, rows } = await read(text, name);
    expect(rows).toBe(2);
    expect(columns.map((column) => cellText(column, 0))).toEqual([digits]);
  });
});

describe("Zeek's logs", () => {
  const HEAD = [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    "#path\tconn",
    "#open\t2024-01-01-00-00-00",
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tproto\tservice\tduration\torig_bytes\tlocal_orig\ttunnel_parents",
    "#types\ttime\tstring\taddr\tport\tenum\tstring\tinterval\tcount\tbool\tset[string]",
  ];
  const ROWS = [
    "1704067200.123456\tCHhAvVGS1DHFjwGM9\t192.168.1.102\t68\tudp\tdhcp\t0.163820\t301\tT\t(empty)",
    "1704067201.000000\tC37jN32gN3y3AZzyf6\t10.0.0.1\t137\ttcp\t-\t-\t-\tF\tCa,Cb\\x2cc",
  ];
  const log = [...HEAD, ...ROWS, "#close\t2024-01-01-01-00-00", ""].join("\n");

  test("have the values of Zeek's own JSON form", async () => {
    const json = [
      {
        ts: 1704067200.123456,
        uid: "CHhAvVGS1DHFjwGM9",
        "id.orig_h": "192.168.1.102",
        "id.orig_p": 68,
        proto: "udp",
        service: "dhcp",
        duration: 0.16382,
        orig_bytes: 301,
        local_orig: true,
        tunnel_parents: null,
      },
      {
        ts: 1704067201,
        uid: "C37jN32gN3y3AZzyf6",
        "id.orig_h": "10.0.0.1",
        "id.orig_p": 137,
        proto: "tcp",
        service: null,
        duration: null,
        orig_bytes: null,
        local_orig: false,
        // A set is one text.
        tunnel_parents: "Ca,Cb,c",
      },
    ];
    const table = await read(log, "conn.log");
    expect(rowsOf(table)).toEqual(json);
    expect(rowsOf(await read(json.map((record) => JSON.stringify(record)).join("\n"), "conn.log"))).toEqual(
      json,
    );
    expect(table.columns.map(({ type }) => type)).toEqual(
      "number text text integer text text number integer boolean text".split(" "),
    );
  });

  test("hold numbers by the rule of every other reader, however large, and are told by their line where they do not", async () => {
    const number = fc.oneof(
      fc.double().map(String),
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
      fc.constantFrom(
        "1e+16",
        "10000000000000000.0",
        "9007199254740993",
        "18446744073709551616",
        "1e400",
        "-0",
        "007",
      ),
      fc.constantFrom("0x1b", "0b1", "1_000", "1e", "", " ", "nan", "-inf", "many", "1n", "+5", ".5", "5."),
      fc.string({ maxLength: 4 }).filter((text) => !/[\t\n\r#\\]/.test(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        number,
        fc.constantFrom("count", "int", "double", "time", "interval", "port"),
        async (text, type) => {
          const file = `#separator \\x09\n#fields\ta\tb\n#types\tstring\t${type}\nx\t1\ny\t${text}\n`;
          const wanted = text === "" ? undefined : numberOfText(text);
          if (wanted === undefined) {
            await expect(read(file, "x.log")).rejects.toThrow(
              `line 5, b: ${JSON.stringify(text)} found, ${type} expected`,
            );
            return;
          }
          const value = rowsOf(await read(file, "x.log")).map((row) => (row as { b: unknown }).b)[1];
          if (Number.isNaN(wanted)) expect(value).toBe(null);
          else {
            expect(numberOfText(String(value)) === wanted).toBe(true);
            if (/^-?[1-9][0-9]*$/.test(text)) expect(String(value)).toBe(text);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("with another separator; two logs behind each other", async () => {
    const other = [
      "#separator \\x7c",
      "#unset_field|NONE",
      "#fields|a|b",
      "#types|count|string",
      "1|x\\x7cy",
      "2|NONE",
      "",
    ].join("\n");
    expect(rowsOf(await read(`${other}${other}`, "x.log"))).toEqual([
      { a: 1, b: "x|y" },
      { a: 2, b: null },
      { a: 1, b: "x|y" },
      { a: 2, b: null },
    ]);
  });

  test("fields may change half-way: what a row lacks is missing; a last line without an end is left out", async () => {
    const table = await read(
      `${log}#fields\tts\tvlan\n#types\ttime\tcount\n1704067202.5\t7\n1704067203`,
      "conn.log",
    );
    expect(rowsOf(table).map((row) => (row as { vlan: unknown }).vlan)).toEqual([null, null, 7]);
    expect([...(table.leftOut ?? [])]).toEqual([["last lines without an end", 1]]);
  });

  test("a cut line and a value of another type are told by their line", async () => {
    await expect(read(log.replace("\t301\tT\t(empty)", ""), "conn.log")).rejects.toThrow(
      "line 9 has 7 values, #fields names 10",
    );
    await expect(read(log.replace("\t301\t", "\tmany\t"), "conn.log")).rejects.toThrow(
      'line 9, orig_bytes: "many" found, count expected',
    );
    await expect(read([...HEAD, ""].join("\n"), "conn.log")).rejects.toThrow("holds no rows");
  });
});

describe("Parquet", () => {
  test("a file cut short", async () => {
    await expect(read("PAR1 and no more", "flows.parquet")).rejects.toThrow(
      "flows.parquet cannot be read as Parquet",
    );
    await expect(read("hello, world", "flows.parquet")).rejects.toThrow(
      "does not begin as a Parquet file does",
    );
  });
});

test("float32 columns are shown in the fewest digits that tell them", async () => {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: "f", data: Float32Array.of(0.1, 2), type: "FLOAT" },
      { name: "big", data: [2n ** 60n, 5n], type: "INT64" },
      { name: "at", data: [new Date(0), new Date(1500)], type: "TIMESTAMP" },
      { name: "maybe", data: ["x", null], type: "STRING" },
    ],
  });
  const { columns } = await read(new Uint8Array(bytes), "flows.parquet");
  expect(columns.map((column) => [cellText(column, 0), cellText(column, 1)])).toEqual([
    ["0.1", "2"],
    ["1152921504606846976", "5"],
    ["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:01.500Z"],
    ["x", ""],
  ]);
  expect(columns.map(({ type }) => type)).toEqual(["number", "integer", "time", "text"]);
});
