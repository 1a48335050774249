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
  await expect(table.timeSpan("text")).rejects.toMatchObject({ code: "COLUMN_TYPE" });
  await expect(table.timeSpan("when")).rejects.toMatchObject({ code: "COLUMNS_MISSING" });
  table.close();
});
