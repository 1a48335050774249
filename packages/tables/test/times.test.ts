import { timeOfText } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openTable } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

test("times are seconds since 1970, whatever a column's type and unit, blanks aside", async () => {
  const path = await folder.copy(
    `SELECT TIMESTAMP '2025-03-03 00:00:00' + INTERVAL (i * 10) SECOND AS stamp, DATE '2025-03-03' + i::INTEGER AS day,
       1741000000 + i * 10 AS seconds, 1741000000::DOUBLE + i * 10 AS fractions, (1741000000 + i * 10) * 1000 AS milli,
       (1741000000 + i * 10) * 1000000 AS micro, (1741000000 + i * 10) * 1000000000 AS nano,
       CASE WHEN i BETWEEN 2 AND 4 THEN 1741000000 + i END AS blank, NULL::TIMESTAMP AS never, 'x' AS text
     FROM range(7) t(i)`,
    "times.parquet",
  );
  const table = await openTable(path);
  const rows = [0, 1, 2, 3, 4, 5, 6];
  for (const name of ["stamp", "seconds", "fractions", "milli", "micro", "nano"]) {
    const first = name === "stamp" ? Date.parse("2025-03-03T00:00:00Z") / 1000 : 1741000000;
    expect([...(await table.times(name))], name).toEqual(rows.map((i) => first + i * 10));
  }
  const day = Date.parse("2025-03-03T00:00:00Z") / 1000;
  expect([...(await table.times("day"))]).toEqual(rows.map((i) => day + i * 86_400));
  expect([...(await table.times("blank"))]).toEqual([
    Number.NaN,
    Number.NaN,
    1741000002,
    1741000003,
    1741000004,
    Number.NaN,
    Number.NaN,
  ]);
  expect((await table.times("never")).every(Number.isNaN)).toBe(true);
  await expect(table.times("text")).rejects.toMatchObject({ code: "COLUMN_TYPE" });
  await expect(table.times("when")).rejects.toMatchObject({ code: "COLUMNS_MISSING" });
  table.close();
});

test("times come in the order of the rows, thousands of them", async () => {
  const path = await folder.copy(
    "SELECT (hash(i) % 1000000)::BIGINT AS ts, i::DOUBLE AS place FROM range(30000) t(i)",
    "order.parquet",
  );
  const table = await openTable(path);
  const coded: number[] = [];
  for await (const batch of table.scan([{ kind: "number", name: "ts" }]))
    coded.push(...(batch.columns[0] ?? []));
  expect(coded).toHaveLength(30_000);
  expect([...(await table.times("ts"))]).toEqual(coded);
  table.close();
});

const FORMATS = ["parquet", "csv", "ndjson"] as const;

/** A table whose column is text in the file, in a format. */
async function textTable(values: readonly string[], format: (typeof FORMATS)[number], column = "start_time") {
  const name = `texts.${format}`;
  if (format === "csv")
    return folder.write(name, [`n,${column}`, ...values.map((v, i) => `${i},${v}`)].join("\n"));
  if (format === "ndjson") {
    return folder.write(name, values.map((value, n) => JSON.stringify({ n, [column]: value })).join("\n"));
  }
  const rows = values.map((value, n) => `(${n}, '${value}')`);
  return folder.copy(`SELECT * FROM (VALUES ${rows.join(", ")}) t(n, ${column})`, name);
}

test("a text's time is the same in every format, and as JavaScript reads it", async () => {
  const text = fc
    .record({
      date: fc.date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true }),
      between: fc.constantFrom("T", " "),
      fraction: fc.constantFrom("", ".5", ".250", ".123456", ".123456789"),
      zone: fc.constantFrom("", "Z", " Z", "+0000", "+02:00", "-0530", " +01:00", "+05"),
      form: fc.constantFrom("date", "minute", "second"),
    })
    .map(({ date, between, fraction, zone, form }) => {
      const [day = "", clock = ""] = date.toISOString().slice(0, 19).split("T");
      if (form === "date") return day;
      return `${day}${between}${form === "minute" ? clock.slice(0, 5) : clock + fraction}${zone}`;
    });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 30 }), async (values) => {
      for (const format of FORMATS) {
        const table = await openTable(await textTable(values, format));
        expect(await table.timeColumn()).toBe("start_time");
        const times = await table.times("start_time");
        table.close();
        for (const [row, value] of values.entries()) {
          expect(times[row], `${format}: ${value}`).toBeCloseTo(timeOfText(value), 5);
        }
      }
    }),
    { numRuns: 8 },
  );
});

test("a time that cannot be read is named with its row, and missing ones are missing, in every format", async () => {
  for (const format of FORMATS) {
    const some = await openTable(
      await textTable(["2015-01-22T12:00:00", "-", "2015-01-22 13:00:00Z"], format),
    );
    const noon = Date.UTC(2015, 0, 22, 12) / 1000;
    expect([...(await some.times("start_time"))]).toEqual([noon, Number.NaN, noon + 3600]);
    some.close();
    for (const [values, row] of [
      [["2015-01-22T12:00:00", "2015-01-22T12:00:01", "soon"], 3],
      [["7/7/2017 3:30", "7/7/2017 3:31"], 1],
      [["1421928000", "1421928001", "later"], 3],
    ] as const) {
      const table = await openTable(await textTable(values, format));
      expect(await table.timeColumn()).toBe("start_time");
      await expect(table.times("start_time")).rejects.toMatchObject({
        code: "COLUMN_TYPE",
        message: expect.stringMatching(new RegExp(`"start_time".*"${values[row - 1]}" in row ${row}\\b`)),
      });
      table.close();
    }
  }
});

test("a column of words that has a time's name gives way to one that holds times", async () => {
  const path = folder.write("first.csv", "first,seen\na,2015-01-22T12:00:00\nb,2015-01-22T13:00:00\n");
  const table = await openTable(path);
  expect(await table.timeColumn()).toBe("seen");
  table.close();
});
