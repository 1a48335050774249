import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { beforeEach, describe, expect, test } from "vitest";
import { createScoredTableWriter, type FlowTable, openTable, type ScoredTableOptions } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const outputs = ["parquet", "csv", "tsv", "ndjson", "jsonl"];
let out = "";
let count = 0;

beforeEach(() => {
  // Nothing but what the writer leaves behind is in here.
  out = folder.at(`out-${count++}`);
  mkdirSync(out);
});

/** Row `r` gets the score r, is an anomaly when r % 3 is 0, has the probability (r % 4) / 4, and names column r % names.length and, when r is odd, 0. */
async function writeScores(
  writer: Awaited<ReturnType<typeof createScoredTableWriter>>,
  rows: number,
  top?: ScoredTableOptions["top"],
  batch = 3000,
): Promise<void> {
  for (let start = 0; start < rows; start += batch) {
    const size = Math.min(batch, rows - start);
    const places = new Int16Array(size * (top?.count ?? 0)).fill(-1);
    for (let i = 0; top !== undefined && i < size; i++) {
      places[i * top.count] = (start + i) % top.names.length;
      if ((start + i) % 2 === 1) places[i * top.count + 1] = 0;
    }
    await writer.write({
      score: Float32Array.from({ length: size }, (_, i) => start + i),
      isAnomaly: Uint8Array.from({ length: size }, (_, i) => ((start + i) % 3 === 0 ? 1 : 0)),
      rarity: Float64Array.from({ length: size }, (_, i) => ((start + i) % 4) / 4),
      ...(top === undefined ? {} : { top: places }),
    });
  }
}

async function score(table: FlowTable, options: ScoredTableOptions): Promise<readonly string[]> {
  const writer = await createScoredTableWriter(table, options);
  try {
    await writeScores(writer, table.rows, options.top);
    await writer.finish();
  } catch (thrown) {
    await writer.abort();
    throw thrown;
  }
  return writer.replaced;
}

async function refusal(promise: Promise<unknown>): Promise<OddflowError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(OddflowError);
  const error = thrown as OddflowError;
  expect(error.message).not.toMatch(/\n|DuckDB|Error:/);
  return error;
}

describe("a scored table", () => {
  const rows = 60_000;

  test.each(
    ["parquet", "csv", "ndjson"].flatMap((input) => outputs.map((output) => [input, output] as const)),
  )("of .%s files as .%s has every row in its order, beside its own score", async (input, output) => {
    for (let file = 0; file < 3; file++) {
      await folder.copy(
        `SELECT range + ${file * (rows / 3)} AS place, repeat('x', (range % 40)::INT) || range AS ballast,
           CASE WHEN range % 7 = 0 THEN NULL ELSE range / 8 END AS eighth FROM range(${rows / 3})`,
        `in-${file}.${input}`,
        input === "parquet" ? "FORMAT parquet, ROW_GROUP_SIZE 2048" : undefined,
      );
    }
    const table = await openTable(folder.at(`in-?.${input}`));
    const path = `${out}/scored.${output}`;
    await score(table, { path, columns: "all" });
    table.close();

    const back = await openTable(path);
    expect(back.columns.map(({ name }) => name)).toEqual([
      "place",
      "ballast",
      "eighth",
      "score",
      "is_anomaly",
      "probability",
    ]);
    expect(back.rows).toBe(rows);
    back.close();
    // A Parquet, CSV or JSON reader that is not ours, and no order but the file's.
    const [[mismatches, first, last] = []] = await folder.sql(
      `SELECT count_if(place <> number - 1 OR score <> place OR is_anomaly <> (place % 3 = 0) OR probability <> (place % 4) / 4
                         OR eighth IS DISTINCT FROM CASE WHEN place % ${rows / 3} % 7 = 0 THEN NULL ELSE place % ${rows / 3} / 8 END
                         OR ballast <> repeat('x', (place % ${rows / 3} % 40)::INT) || (place % ${rows / 3})),
         min(place), max(place)
         FROM (SELECT row_number() OVER () AS number, * FROM '${path}')`,
    );
    expect([Number(mismatches), Number(first), Number(last)]).toEqual([0, 0, rows - 1]);
  });

  test.each(outputs)("names the top columns of each row in .%s", async (output) => {
    const table = await openTable(await folder.copy("SELECT range AS a FROM range(4)", "top.parquet"));
    const path = `${out}/top.${output}`;
    const names = ["a", "it's", 'x "y", z'];
    await score(table, { path, columns: "none", top: { names, count: 3 } });
    table.close();
    const column = /csv|tsv/.test(output) ? "top_columns" : "array_to_string(top_columns, ', ')";
    expect(await folder.sql(`SELECT score, is_anomaly, ${column} FROM '${path}'`)).toEqual([
      [0, true, "a"],
      [1, false, "it's, a"],
      [2, false, 'x "y", z'],
      [3, true, "a, a"],
    ]);
  });

  test.each(outputs)("has the reasons of some rows, as JSON, in .%s", async (output) => {
    const table = await openTable(await folder.copy("SELECT range AS a FROM range(5000)", "why.parquet"));
    const path = `${out}/why.${output}`;
    const writer = await createScoredTableWriter(table, { path, columns: "all", reasons: true });
    const why = (row: number): object => [{ name: `it's "${row}"`, seen: row / 8, expected: null }];
    for (const [start, size] of [[0, 4100] as const, [4100, 900] as const]) {
      writer.write({
        score: new Float32Array(size),
        isAnomaly: new Uint8Array(size),
        rarity: new Float64Array(size),
        reasons: Array.from({ length: size }, (_, i) =>
          (start + i) % 7 === 0 ? JSON.stringify(why(start + i)) : null,
        ),
      });
    }
    await writer.finish();
    table.close();
    // JSON lines hold lists of objects, the others a text.
    const text = /json/.test(output) ? "to_json(reasons)::VARCHAR" : "reasons";
    const rows = await folder.sql(`SELECT a::INT, ${text} FROM '${path}'`);
    expect(rows).toHaveLength(5000);
    rows.forEach(([a, reasons], row) => {
      expect([a, JSON.parse(String(reasons))]).toEqual([row, row % 7 === 0 ? why(row) : null]);
    });
    if (output !== "ndjson") return;
    // Nested, not a text of JSON.
    expect(readFileSync(path, "utf8").split("\n")[7]).toBe(
      '{"a":7,"score":0.0,"is_anomaly":false,"probability":0.0,"reasons":[{"name":"it\'s \\"7\\"","seen":0.875,"expected":null}]}',
    );
  });

  test("has the key columns alone, or none, where that is asked for", async () => {
    const table = await openTable(await folder.copy(`SELECT 1 AS "a""b", 2 AS c, 3 AS d`, "keys.parquet"));
    await score(table, { path: `${out}/keys.csv`, columns: "keys", keyColumns: ["d", 'a"b', "d"] });
    await score(table, { path: `${out}/none.csv`, columns: "none" });
    const missing = refusal(score(table, { path: `${out}/x.csv`, columns: "keys", keyColumns: ["D", "e"] }));
    expect(await missing).toMatchObject({
      code: "COLUMNS_MISSING",
      message: expect.stringMatching(/"D" .*"d".*"e"/),
    });
    table.close();
    expect(readFileSync(`${out}/keys.csv`, "utf8")).toBe(
      'd,"a""b",score,is_anomaly,probability\n3,1,0.0,true,0.0\n',
    );
    expect(readFileSync(`${out}/none.csv`, "utf8")).toBe("score,is_anomaly,probability\n0.0,true,0.0\n");
    expect(readdirSync(out).sort()).toEqual(["keys.csv", "none.csv"]);
  });

  test("has new scores in place of old ones", async () => {
    const table = await openTable(
      await folder.copy(
        "SELECT 9 AS Score, 'x' AS a, ['b'] AS top_columns, true AS is_anomaly, 'y' AS reasons",
        "old.parquet",
      ),
    );
    const replaced = await score(table, { path: `${out}/new.csv`, columns: "all" });
    table.close();
    expect(replaced).toEqual(["Score", "top_columns", "is_anomaly", "reasons"]);
    expect(readFileSync(`${out}/new.csv`, "utf8")).toBe("a,score,is_anomaly,probability\nx,0.0,true,0.0\n");
  });

  test("keeps the cells of a CSV as they were", async () => {
    const text =
      'n,price,id,when,port,flag,note\n1,1.50,18446744073709551615,2019/04/04 16:23:00.325010,0x0303,T,"a ""b"", c"\n' +
      "2,2,007,2019/04/04 16:23:01.000000,80,F,\n";
    const table = await openTable(folder.write("verbatim.csv", text));
    await score(table, { path: `${out}/verbatim.csv`, columns: "all" });
    table.close();
    const lines = text.trim().split("\n");
    expect(readFileSync(`${out}/verbatim.csv`, "utf8")).toBe(
      `${lines[0]},score,is_anomaly,probability\n${lines[1]},0.0,true,0.0\n${lines[2]},1.0,false,0.25\n`,
    );
  });

  test("keeps the header of a CSV as it was, and tells columns apart elsewhere", async () => {
    const header = '"Flow ID", Source IP,Fwd Header Length,fwd header length,,"a ""b"", c"';
    const table = await openTable(folder.write("header.csv", `${header}\nx,y,1,2,3,z\n`));
    const files = ["csv", "tsv", "parquet", "ndjson"].map((format) => `${out}/header.${format}`);
    for (const path of files) await score(table, { path, columns: "all" });
    await score(table, { path: `${out}/keys.csv`, columns: "keys", keyColumns: ["Source IP", "column4"] });
    table.close();
    const firstLine = (path: string): string => readFileSync(path, "utf8").split("\n")[0] ?? "";
    expect(firstLine(`${out}/header.csv`)).toBe(
      'Flow ID, Source IP,Fwd Header Length,fwd header length,,"a ""b"", c",score,is_anomaly,probability',
    );
    expect(firstLine(`${out}/header.tsv`).split("\t").slice(1, 5)).toEqual([
      " Source IP",
      "Fwd Header Length",
      "fwd header length",
      "",
    ]);
    expect(firstLine(`${out}/keys.csv`)).toBe(" Source IP,,score,is_anomaly,probability");
    const names = ["Flow ID", "Source IP", "Fwd Header Length", "fwd header length_1", "column4", 'a "b", c'];
    expect(Object.keys(JSON.parse(firstLine(`${out}/header.ndjson`))).slice(0, 6)).toEqual(names);
    const described = await folder.sql(`DESCRIBE FROM '${out}/header.parquet'`);
    expect(described.slice(0, 6).map(([name]) => name)).toEqual(names);
  });

  test("keeps long identifiers, times and nested values of JSON lines", async () => {
    const record =
      '{"id":18446744073709551615,"when":"2021-06-06T15:59:46.457984+0200","uuid":"5B0B3B3E-6F0C-4A7E-8A0E-000000000001","flow":{"a":[1,null],"b":"x"}';
    const table = await openTable(folder.write("faithful.ndjson", `${record}}\n`));
    await score(table, { path: `${out}/faithful.ndjson`, columns: "all" });
    await score(table, { path: `${out}/faithful.parquet`, columns: "all" });
    table.close();
    expect(readFileSync(`${out}/faithful.ndjson`, "utf8")).toBe(
      `${record},"score":0.0,"is_anomaly":true,"probability":0.0}\n`,
    );
    expect(await folder.sql(`SELECT id::VARCHAR, "when", uuid FROM '${out}/faithful.parquet'`)).toEqual([
      ["18446744073709551615", "2021-06-06T15:59:46.457984+0200", "5B0B3B3E-6F0C-4A7E-8A0E-000000000001"],
    ]);
  });

  test("is JSON where the input has numbers that JSON lacks", async () => {
    const table = await openTable(
      await folder.copy("SELECT 'nan'::DOUBLE AS a, 'inf'::FLOAT AS b, 1.5 AS c", "nan.parquet"),
    );
    await score(table, { path: `${out}/nan.ndjson`, columns: "all" });
    table.close();
    expect(JSON.parse(readFileSync(`${out}/nan.ndjson`, "utf8"))).toMatchObject({ a: null, b: null, c: 1.5 });
  });

  test("takes the place of a file that was there, through a link too", async () => {
    writeFileSync(`${out}/real.csv`, "before");
    symlinkSync(`${out}/real.csv`, `${out}/link.csv`);
    const table = await openTable(await folder.copy("SELECT 1 AS a", "one.parquet"));
    await score(table, { path: `${out}/link.csv`, columns: "all" });
    table.close();
    expect(readFileSync(`${out}/real.csv`, "utf8")).toBe("a,score,is_anomaly,probability\n1,0.0,true,0.0\n");
    expect(readdirSync(out).sort()).toEqual(["link.csv", "real.csv"]);
  });
});

describe("a scored table that cannot be written", () => {
  const one = (): Promise<string> => folder.copy("SELECT range AS a FROM range(10)", "ten.parquet");

  async function refused(
    path: string,
    columns: ScoredTableOptions["columns"] = "all",
  ): Promise<OddflowError> {
    const table = await openTable(await one());
    const error = await refusal(createScoredTableWriter(table, { path, columns }));
    table.close();
    return error;
  }

  test("in a folder that is not there is refused before anything is scored", async () => {
    const error = await refused(`${out}/no/such/scored.parquet`);
    expect(error.code).toBe("OUTPUT_UNWRITABLE");
    expect(error.message).toContain(`${out}/no/such`);
    expect(readdirSync(out)).toEqual([]);
  });

  test("in a file as if it were a folder, or over a folder, is refused", async () => {
    writeFileSync(`${out}/file`, "");
    mkdirSync(`${out}/folder.csv`);
    expect((await refused(`${out}/file/scored.csv`)).code).toBe("OUTPUT_UNWRITABLE");
    expect((await refused(`${out}/folder.csv`)).code).toBe("OUTPUT_UNWRITABLE");
    expect(readdirSync(out).sort()).toEqual(["file", "folder.csv"]);
  });

  test.skipIf(process.getuid?.() === 0)(
    "in a folder that may not be written is refused (not as root)",
    async () => {
      chmodSync(out, 0o500);
      expect((await refused(`${out}/scored.csv`)).code).toBe("OUTPUT_UNWRITABLE");
    },
  );

  test.each(["scored.xlsx", "scored", "scored.csv.gz"])(
    "as %s is refused and the choices are named",
    async (name) => {
      const error = await refused(`${out}/${name}`);
      expect(error.code).toBe("USAGE");
      expect(error.message).toMatch(/\.parquet, \.csv, \.tsv, \.ndjson, \.jsonl/);
    },
  );

  test("over its own input is refused, by whatever name", async () => {
    const input = await one();
    symlinkSync(input, `${out}/link.parquet`);
    for (const path of [input, `${out}/../${basename(input)}`, `${out}/link.parquet`]) {
      const table = await openTable(input);
      const error = await refusal(createScoredTableWriter(table, { path, columns: "all" }));
      expect([error.code, error.message]).toEqual(["USAGE", expect.stringContaining("is the input itself")]);
      table.close();
    }
    expect(await folder.sql(`SELECT count(*)::INT FROM '${input}'`)).toEqual([[10]]);
  });

  test("for want of space leaves nothing behind", async (context) => {
    const limitFileSize = (soft: string): boolean =>
      spawnSync("prlimit", ["--pid", String(process.pid), `--fsize=${soft}:`]).status === 0;
    await folder.copy("SELECT range AS a, hash(range)::VARCHAR AS b FROM range(200000)", "large.parquet");
    // Stands in for a full disk: from here on this process may write no file above half a megabyte.
    if (!limitFileSize("500000")) context.skip("needs the prlimit command of util-linux");
    try {
      const table = await openTable(folder.at("large.parquet"));
      for (const name of ["s.parquet", "s.csv", "s.ndjson"]) {
        const error = await refusal(score(table, { path: `${out}/${name}`, columns: "all" }));
        expect([error.code, error.message]).toEqual([
          "OUTPUT_UNWRITABLE",
          expect.stringMatching(new RegExp(`${name} .*no space is left`)),
        ]);
      }
      table.close();
    } finally {
      limitFileSize("unlimited");
    }
    expect(readdirSync(out)).toEqual([]);
  });

  test("after abort leaves what was there before, before and during finish", async () => {
    const path = `${out}/scored.csv`;
    writeFileSync(path, "before");
    await folder.copy("SELECT range AS a, hash(range)::VARCHAR AS b FROM range(2000000)", "long.parquet");
    const table = await openTable(folder.at("long.parquet"));
    const early = await createScoredTableWriter(table, { path, columns: "all" });
    await writeScores(early, 5000);
    await early.abort();
    await early.abort();
    const late = await createScoredTableWriter(table, { path, columns: "all" });
    await writeScores(late, table.rows, undefined, 100_000);
    const finished = late.finish();
    const outcome = expect(finished).rejects.toMatchObject({ name: "AbortError" });
    await late.abort();
    await outcome;
    table.close();
    expect(readdirSync(out)).toEqual(["scored.csv"]);
    expect(readFileSync(path, "utf8")).toBe("before");
  });

  test("because too few or too many rows were scored, or the input changed, leaves nothing behind", async () => {
    const input = folder.write("changes.csv", `a\n${"1\n".repeat(10)}`);
    const table = await openTable(input);
    for (const rows of [9, 11]) {
      const writer = await createScoredTableWriter(table, { path: `${out}/scored.csv`, columns: "all" });
      await writeScores(writer, rows);
      expect(await refusal(writer.finish())).toMatchObject({ code: "TABLE_UNREADABLE" });
    }
    for (const rows of [9, 11]) {
      const writer = await createScoredTableWriter(table, { path: `${out}/scored.csv`, columns: "all" });
      await writeScores(writer, 10);
      writeFileSync(input, `a\n${"1\n".repeat(rows)}`);
      const error = await refusal(writer.finish());
      expect([error.code, error.message]).toEqual([
        "TABLE_UNREADABLE",
        expect.stringContaining("was changed"),
      ]);
    }
    table.close();
    expect(readdirSync(out)).toEqual([]);
  });

  test("because the input is damaged leaves nothing behind", async () => {
    const good = await folder.copy(
      "SELECT range AS a FROM range(50000)",
      "fine.parquet",
      "ROW_GROUP_SIZE 5000",
    );
    const [[offset] = []] = await folder.sql(
      `SELECT data_page_offset FROM parquet_metadata('${good}') WHERE row_group_id = 7`,
    );
    const bytes = readFileSync(good);
    // The page's header is looked at when the table is opened.
    bytes.fill(0xff, Number(offset) + 200, Number(offset) + 2200);
    const table = await openTable(folder.write("damaged.parquet", bytes));
    const writer = await createScoredTableWriter(table, { path: `${out}/scored.csv`, columns: "all" });
    await writeScores(writer, table.rows);
    const error = await refusal(writer.finish());
    table.close();
    expect([error.code, error.message]).toEqual([
      "TABLE_UNREADABLE",
      expect.stringMatching(/damaged\.parquet .*damaged/),
    ]);
    expect(readdirSync(out)).toEqual([]);
  });

  test("has the permissions of any new file when it could be", async () => {
    const table = await openTable(await one());
    await score(table, { path: `${out}/s.csv`, columns: "all" });
    table.close();
    expect(statSync(`${out}/s.csv`).mode & 0o777).toBe(0o666 & ~process.umask());
  });
});
