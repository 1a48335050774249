import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { FLOWS_TABLE, fromRoot, SCORE_BATCH } from "../inputs.ts";
import { runProgram } from "../processes/run-program.ts";
import { makeOnce } from "./make-once.ts";

const MAKE_FLOWS = fromRoot("scripts/dist/make-flows.js");

/** What score-batch adds to a line. */
const ADDED = ["score", "is_anomaly", "probability"];

/** A Parquet table of so many flows, resampled from the fixture; kept in bench/data. */
export function flowsTable(flows: number): Promise<string> {
  const path = fromRoot(`bench/data/throughput/flows-${flows}.parquet`);
  return makeOnce(path, [FLOWS_TABLE, MAKE_FLOWS], async (unfinished) => {
    process.stdout.write(`making ${flows.toLocaleString("en-US")} flows\n`);
    await runProgram(process.execPath, [MAKE_FLOWS, String(flows), unfinished]);
  });
}

/** The flows of a table as lines of JSON. */
export async function flowLines(table: string, model: string): Promise<string> {
  const path = table.replace(/\.parquet$/, ".ndjson");
  return makeOnce(path, [table], async (unfinished) => {
    const scored = `${unfinished}.scored.ndjson`;
    await runProgram(process.execPath, [SCORE_BATCH, table, "-m", model, "-o", scored]);
    const lines = createWriteStream(unfinished);
    for await (const line of createInterface(createReadStream(scored))) {
      const record = Object.entries(JSON.parse(line) as object).filter(([name]) => !ADDED.includes(name));
      lines.write(`${JSON.stringify(Object.fromEntries(record))}\n`);
    }
    lines.end();
    await once(lines, "finish");
  });
}
