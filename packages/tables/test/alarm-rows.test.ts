import fc from "fast-check";
import { expect, test } from "vitest";
import { openTable, readAlarmRows } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

const flow = fc.record({
  /** Seconds after the first of January 2026, or none. */
  after: fc.option(fc.integer({ min: 0, max: 50 })),
  odd: fc.boolean(),
  verdict: fc.constantFrom("benign", "wrong", "escalate", null, null, null),
});

const START = 1_767_225_600;

test("the alarms of a table come in the order of their times, with their rows, and lists as JSON, whatever it is written in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(flow, { minLength: 1, maxLength: 30 }),
      fc.constantFrom("ndjson", "csv", "parquet"),
      async (drawn, format) => {
        // One flow at least has all, so that columns have types.
        const flows = [...drawn, { after: 0, odd: true, verdict: "escalate" }];
        const lines = flows.map(({ after, odd, verdict }, row) =>
          JSON.stringify({
            ts: after === null ? null : START + after,
            name: `f${row}`,
            score: row,
            is_anomaly: odd,
            top_columns: ["a", `b${row}`],
            alarm_verdict: verdict,
          }),
        );
        let path = folder.write("flows.ndjson", `${lines.join("\n")}\n`);
        const asText = format === "csv" ? " REPLACE (to_json(top_columns)::VARCHAR AS top_columns)" : "";
        if (format !== "ndjson")
          path = await folder.copy(`SELECT *${asText} FROM read_json('${path}')`, `flows.${format}`);
        const table = await openTable(path);
        const found: { place: number; name: unknown; time: number; top: unknown }[] = [];
        try {
          const request = {
            time: "ts",
            values: ["name", "ts", "top_columns"],
            signal: new AbortController().signal,
          };
          for await (const { rows, place, value } of readAlarmRows(table, request))
            for (let row = 0; row < rows; row++) {
              const time = value(row, 1) === null ? Number.POSITIVE_INFINITY : Number(value(row, 1));
              found.push({
                place: place(row),
                name: value(row, 0),
                time,
                top: JSON.parse(String(value(row, 2))),
              });
            }
        } finally {
          table.close();
        }
        const isSuppressed = (verdict: string | null): boolean => verdict === "benign" || verdict === "wrong";
        expect(found.toSorted((a, b) => a.place - b.place)).toEqual(
          flows.flatMap(({ after, odd, verdict }, row) =>
            odd && !isSuppressed(verdict)
              ? [
                  {
                    place: row + 1,
                    name: `f${row}`,
                    time: after === null ? Number.POSITIVE_INFINITY : START + after,
                    top: ["a", `b${row}`],
                  },
                ]
              : [],
          ),
        );
        expect(found.map(({ time }) => time)).toEqual(
          found.map(({ time }) => time).toSorted((a, b) => a - b),
        );
      },
    ),
    { numRuns: 10 },
  );
});
