import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openTable } from "@oddflow/tables";
import { type BenchSuite, expectTrue } from "../case.ts";
import { FLOWS_TABLE, SCORE_BATCH } from "../inputs.ts";

const COPIES = 10;
const runFile = promisify(execFile);

/** The whole command in a process of its own, from its start to the finished file. */
export async function scoreBatchSuite(): Promise<BenchSuite> {
  const folder = mkdtempSync(join(tmpdir(), "oddflow-bench-"));
  for (let copy = 0; copy < COPIES; copy++) copyFileSync(FLOWS_TABLE, join(folder, `flows-${copy}.parquet`));
  const one = await openTable(FLOWS_TABLE);
  const { rows } = one;
  one.close();
  const command = (input: string, output: string, ...options: string[]) =>
    runFile(process.execPath, [SCORE_BATCH, input, "-o", join(folder, output), ...options]);
  const wholeCommand = (name: string, input: string, flows: number, options: string[]) => ({
    name,
    flows,
    check: async () => {
      await command(input, "scored.parquet", ...options);
      const scored = await openTable(join(folder, "scored.parquet"));
      expectTrue(scored.rows === flows, `score-batch wrote ${scored.rows} rows of ${flows}`);
      scored.close();
    },
    run: () => command(input, "scored.parquet", ...options),
  });
  return {
    title: "score-batch as a whole, Parquet to Parquet, start of the process included",
    cases: [
      wholeCommand(`${rows.toLocaleString("en-US")} flows, all columns`, FLOWS_TABLE, rows, []),
      wholeCommand(
        `${(COPIES * rows).toLocaleString("en-US")} flows, key columns`,
        join(folder, "flows-*.parquet"),
        COPIES * rows,
        ["--columns", "keys"],
      ),
    ],
    close: async () => rmSync(folder, { recursive: true }),
  };
}
