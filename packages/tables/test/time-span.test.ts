import { expect, test } from "vitest";
import { openTable } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

test("the span of a time column is in seconds, whatever its type and unit, blanks aside", async () => {
  const path = await folder.copy(
    `SELECT TIMESTAMP '2025-03-03 00:00:00' + INTERVAL (i * 10) SECOND AS stamp, DATE '2025-03-03' + i::INTEGER AS day,
       1741000000 + i * 10 AS seconds, 1741000000.5::DOUBLE + i * 10 AS fractions, (1741000000 + i * 10) * 1000 AS milli,
       (1741000000 + i * 10) * 1000000 AS micro, (1741000000 + i * 10) * 1000000000 AS nano,
       CASE WHEN i BETWEEN 2 AND 4 THEN 1741000000 + i END AS blank, NULL::TIMESTAMP AS never, 'x' AS text
     FROM range(7) t(i)`,
    "times.parquet",
  );
  const table = await openTable(path);
  const spans: [string, number][] = [];
  for (const name of ["stamp", "day", "seconds", "fractions", "milli", "micro", "nano", "blank", "never"]) {
    spans.push([name, await table.timeSpan(name)]);
  }
  expect(spans).toEqual([
    ["stamp", 60],
    ["day", 6 * 86_400],
    ...["seconds", "fractions", "milli", "micro", "nano"].map((name) => [name, 60]),
    ["blank", 2],
    ["never", 0],
  ]);
  for (const name of ["stamp", "seconds", "milli", "micro", "nano"]) {
    const first = name === "stamp" ? Date.parse("2025-03-03T00:00:00Z") / 1000 : 1741000000;
    expect([...(await table.times(name))]).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => first + i * 10));
  }
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
  await expect(table.timeSpan("text")).rejects.toMatchObject({ code: "COLUMN_TYPE" });
  await expect(table.timeSpan("when")).rejects.toMatchObject({ code: "COLUMNS_MISSING" });
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
