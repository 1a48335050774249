import { readFileSync } from "node:fs";
import { SENSORS } from "@oddflow/flow-sources";
import type { ColumnCoding } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
// Both readers of Parquet are held to the reader of JSON.
import { readTable } from "../../workbench/src/reading/index.ts";
import { encodeColumns } from "../../workbench/src/scoring/encode-columns.ts";
import { createScoredTableWriter, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const CODINGS: readonly ColumnCoding[] = [{ kind: "number", name: "n" }];
const RULES = SENSORS.flatMap(({ name, events }) => (events ? [{ name, ...events }] : []));

/** What comes of a file: the numbers of its flows and what was left out, or what is said against it. */
interface Found {
  readonly flows?: readonly number[];
  readonly leftOut?: Readonly<Record<string, number>>;
  readonly refused?: string;
}

const counts = (leftOut: ReadonlyMap<string, number> | undefined): Record<string, number> =>
  Object.fromEntries(leftOut ?? []);

async function inTable(path: string): Promise<Found> {
  try {
    const table = await openTable(path);
    try {
      const [numbers = []] = await collect(table.scan(CODINGS));
      return { flows: Array.from(numbers), leftOut: counts(table.readings[0]?.leftOut) };
    } finally {
      table.close();
    }
  } catch (error) {
    return { refused: (error as { code?: string }).code ?? String(error) };
  }
}

async function inPage(path: string): Promise<Found> {
  try {
    const table = await readTable(new Blob([readFileSync(path)]), path, () => undefined);
    const numbers = new Float32Array(table.rows);
    encodeColumns(table, CODINGS).encode(0, table.rows, numbers);
    return { flows: Array.from(numbers), leftOut: counts(table.leftOut) };
  } catch (error) {
    return { refused: (error as { code?: string }).code ?? String(error) };
  }
}

describe.each(RULES)("Parquet of what $name writes", ({ name, field, flows, others, beside }) => {
  const event = fc.option(fc.constantFrom(...(flows ?? []), ...(others ?? []), "dns", "http", ""), {
    freq: 5,
  });

  test("leaves out what is no flow, as JSON does: through table and page", async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (events, lacksOne) => {
          const columns = lacksOne ? beside.slice(1) : beside;
          const records = events.map((value, row) => ({
            n: row + 0.5,
            [field]: value,
            ...Object.fromEntries(columns.map((column) => [column, `${1_700_000_000 + row}`])),
          }));
          const lines = folder.write(
            `${name}-${number}.ndjson`,
            `${records.map((record) => JSON.stringify(record)).join("\n")}\n`,
          );
          const types = ["n", field, ...columns].map(
            (column) => `'${column}': '${column === "n" ? "DOUBLE" : "VARCHAR"}'`,
          );
          const path = await folder.copy(
            `FROM read_json('${lines}', format = 'newline_delimited', columns = {${types.join(", ")}})`,
            `${name}-${number++}.parquet`,
          );
          const expected = await inTable(lines);
          expect(await inTable(path)).toEqual(expected);
          expect(await inPage(path)).toEqual(expected);
          expect(await inPage(lines)).toEqual(expected);
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe("a log of events in Parquet", () => {
  const events = (rows: number): string =>
    `SELECT CASE WHEN i % 3 = 0 THEN 'dns' ELSE 'flow' END AS event_type, i * 1.0 AS n, i AS flow_id, ` +
    `TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS timestamp, {'pkts': i} AS flow FROM range(${rows}) r(i)`;

  test.each([".parquet", ".csv", ".ndjson"])("is scored as its flows alone, as %s", async (ending) => {
    const table = await openTable(await folder.copy(events(30_000), `eve${ending}.parquet`));
    expect(table.rows).toBe(20_000);
    expect(table.readings).toMatchObject([{ takenFor: "Suricata flow events" }]);
    // By their places in the file, its rows are not the table's.
    expect(await table.ranges(4)).toEqual([]);
    const path = folder.at(`scored${ending}`);
    const writer = await createScoredTableWriter(table, { path, columns: "all" });
    for await (const { rows, columns } of table.scan(CODINGS)) {
      writer.write({
        score: columns[0] as Float32Array,
        isAnomaly: new Uint8Array(rows),
        rarity: new Float64Array(rows),
      });
    }
    await writer.finish();
    table.close();
    const [row] = await folder.sql(
      `SELECT count(*)::INTEGER, count_if(score = n)::INTEGER, count_if(event_type = 'dns')::INTEGER FROM '${path}'`,
    );
    expect(row).toEqual([20_000, 20_000, 0]);
  });

  test("of several files says what was left out of each, and one without a flow is refused", async () => {
    const [first, second] = [
      await folder.copy(events(10), "day-1.parquet"),
      await folder.copy(`SELECT * REPLACE ('flow' AS event_type) FROM (${events(5)})`, "day-2.parquet"),
    ];
    const table = await openTable([first, second]);
    expect(table.rows).toBe(11);
    expect(table.readings.map(({ leftOut }) => [...leftOut])).toEqual([
      [["records with the event_type dns", 4]],
      [],
    ]);
    table.close();
    const none = await folder.copy(
      `SELECT * REPLACE ('dns' AS event_type) FROM (${events(3)})`,
      "dns.parquet",
    );
    await expect(openTable(none)).rejects.toMatchObject({
      code: "TABLE_EMPTY",
      message: expect.stringContaining("no flow, but 3 records with the event_type dns"),
    });
  });
});
