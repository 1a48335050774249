import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { knownRoles } from "@oddflow/flow-sources";
import { decideColumnRoles } from "@oddflow/preprocessing";
import { decideRoles, openTable } from "@oddflow/tables";
import { describe, expect, test } from "vitest";
import { makeTableFolder } from "../../tables/test/table-folder.ts";
import { readTable } from "../src/reading/index.ts";
import { findColumnUses } from "../src/scoring/column-uses.ts";
import { columnValues } from "../src/scoring/column-values.ts";

const FORMATS = new URL("../../../fixtures/formats", import.meta.url).pathname;
const FIXTURE = new URL("../../../fixtures/flows.parquet", import.meta.url).pathname;
const REAL = new URL("../../../../shared/data", import.meta.url).pathname;

const folder = await makeTableFolder();

const open = (path: string): ReturnType<typeof readTable> =>
  readTable(new Blob([readFileSync(path)]), path, () => undefined);

async function byCommands(path: string, normal: readonly string[] = []): Promise<unknown> {
  const table = await openTable(path);
  try {
    return (await decideRoles(table, "auto", new Map(), normal)).decisions;
  } finally {
    table.close();
  }
}

async function byPage(path: string, normal: readonly string[] = []): Promise<unknown> {
  const table = await open(path);
  const known = knownRoles(table.columns.map(({ name }) => name));
  const request = { source: "auto", overrides: new Map(), known, normal } as const;
  return (await decideColumnRoles(table.columns, columnValues(table), request)).decisions;
}

const ATTACK = "(i * 7919) % 6 = 0";
const KIND = `CASE WHEN NOT (${ATTACK}) THEN 'normal' WHEN i % 2 = 0 THEN 'ddos' ELSE 'scanning' END`;

/** Beside an amount, a protocol and a label of 100 attacks in 600 flows: what only the values tell. */
const COLUMNS: readonly string[] = [
  `${KIND} AS kinds_and_normal`,
  "CASE WHEN i % 2 = 0 THEN 'ddos' ELSE 'injection' END AS kinds",
  `CASE WHEN ${ATTACK} THEN 1 ELSE 0 END AS tells_as_integer`,
  `CASE WHEN ${ATTACK} THEN 0.5 ELSE 1.5 END AS tells_as_fraction`,
  `CASE WHEN ${ATTACK} THEN NULL ELSE 'y' || (i % 2) END AS tells_by_missing`,
  `NOT (${ATTACK}) AS tells_as_truth`,
  `CASE WHEN ${ATTACK} AND i <> 0 THEN 1 ELSE 0 END AS nearly_tells`,
  "i + 5000 AS row_numbers",
  "(i * 7919) % 600 AS row_numbers_in_disorder",
  '(i * 104729) % 1000003 AS "Unnamed: 0"',
  "i * 2 AS even_numbers",
  "strftime(TIMESTAMP '2015-01-22' + to_minutes((i % 40)::INTEGER), '%Y-%m-%dT%H:%M:%S.000Z') AS seen",
  "CASE WHEN i = 449 THEN 'dur' ELSE (hash(i) % 100000)::VARCHAR END AS one_slip",
  "CASE WHEN i % 3 = 1 THEN 'n/a?' ELSE (hash(i) % 100000)::VARCHAR END AS many_slips",
  "CASE WHEN i % 3 = 1 THEN 'n/a?' ELSE (hash(i) % 90)::VARCHAR END AS numbers_and_a_word",
  "CASE WHEN i % 7 = 1 THEN NULL ELSE hash(i) % 100000 END AS gaps",
  "'host' || i AS who",
  "NULL::VARCHAR AS nothing",
  "['lab-c', 'lab-a', 'lab-b'][1 + i // 200] AS run_as_text",
  "1 + i // 200 AS run_as_number",
  "CASE WHEN i % 5 > 0 THEN [7.0, 7.126, 91.0][1 + i % 3] END AS L7_PROTO",
  "(i % 4)::DOUBLE AS return_code",
  "7.5 AS constant_number",
  "CASE WHEN i % 2 = 0 THEN 3.0 END AS constant_with_gaps",
  "CASE WHEN i % 2 = 0 THEN 'one' END AS comes_and_goes",
  "'one' AS constant_text",
  "true AS constant_truth",
];

describe("page and commands use a file's columns alike", () => {
  test.each(["csv", "ndjson", "parquet"])("%s", async (format) => {
    for (const label of [`${ATTACK} AS "Label"`, `CASE WHEN ${ATTACK} THEN 1 ELSE 0 END AS attack`]) {
      const path = await folder.copy(
        `SELECT (hash(i) % 9000)::BIGINT AS amount, CASE WHEN hash(i + 7) % 3 = 0 THEN 'udp' ELSE 'tcp' END AS proto, ` +
          `${COLUMNS.join(", ")}, ${label} FROM range(600) t(i)`,
        `roles.${format}`,
      );
      expect(await byPage(path)).toEqual(await byCommands(path));
    }
  });

  test("the fixture, and every file of fixtures/formats that both read", async () => {
    const files = readdirSync(FORMATS).filter((name) => /\.(csv|tsv|json|ndjson|jsonl)(\.gz)?$/.test(name));
    let read = 0;
    for (const path of [FIXTURE, ...files.map((name) => join(FORMATS, name))]) {
      const commands = await byCommands(path).catch(() => undefined);
      if (commands === undefined) continue;
      read++;
      expect(await byPage(path), path).toEqual(commands);
    }
    expect(read).toBeGreaterThan(10);
  });

  test.skipIf(!existsSync(REAL))("real flows (skipped without ../shared/data)", async () => {
    const path = join(REAL, "iot23/flows.parquet");
    expect(await byPage(path)).toEqual(await byCommands(path));
  });

  test("by labels that somebody named, texts or numbers", async () => {
    const [text, number] = [
      "CASE WHEN i % 6 = 0 THEN 'From-Botnet' ELSE 'From-Normal' END",
      "2 + (i % 6 = 0)::INT",
    ];
    for (const [label, normal] of [
      [text, "From-N*"],
      [number, "2"],
    ] as const) {
      for (const format of ["csv", "ndjson", "parquet"]) {
        const path = await folder.copy(
          `SELECT (hash(i) % 9000)::BIGINT AS amount, i % 6 = 0 AS second, ${label} AS "Label" FROM range(600) t(i)`,
          `named.${format}`,
        );
        const found = await byCommands(path, [normal]);
        expect(found).toMatchObject([
          {},
          { reason: 'it tells the label "Label" exactly' },
          { role: "label" },
        ]);
        expect(await byPage(path, [normal])).toEqual(found);
        expect(await byCommands(path)).toMatchObject([{}, { role: "category" }, { role: "label" }]);
      }
    }
  });

  test("by their times, which stand in any order of the rows", async () => {
    for (const time of [
      "epoch_ms(1500000000000 + 1000 * i)",
      "1500000000 + i",
      "strftime(epoch_ms(1500000000000 + 1000 * i), '%Y-%m-%dT%H:%M:%SZ')",
    ]) {
      for (const format of ["csv", "ndjson", "parquet"]) {
        const path = await folder.copy(
          `SELECT ${time} AS ts, (hash(i) % 9000)::BIGINT AS amount, 1 + i // 200 AS part, 'run' || (i // 150) AS origin ` +
            "FROM range(600) t(i) ORDER BY hash(i)",
          `times.${format}`,
        );
        const apart = expect.stringContaining("stretch of time");
        for (const found of [await byCommands(path), await byPage(path)]) {
          expect(found).toMatchObject([
            { name: "ts", role: "identifier" },
            { name: "amount", role: "number" },
            { name: "part", reason: apart },
            { name: "origin", reason: apart },
          ]);
        }
      }
    }
  });
});

test("the page shows a label that only its values tell", async () => {
  const path = await folder.copy(
    `SELECT i AS amount, ${KIND} AS "column5" FROM range(600) t(i)`,
    "label.csv",
  );
  const { label } = await findColumnUses(await open(path), new Set(["amount"]));
  expect([label?.column, label?.names]).toEqual(["column5", ["ddos", "normal"]]);
});
