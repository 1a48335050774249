import { writeFile } from "node:fs/promises";
import { FLOWS_TABLE, fromRoot } from "../../inputs.ts";
import { runProgram } from "../../processes/run-program.ts";
import { PYTHON, peerScript } from "../../python.ts";
import { scoredColumns } from "./scored-columns.ts";

/** The usual way to do score-batch's work in Python, fitted and ready. */
export interface ScoringPeer {
  readonly versions: Readonly<Record<string, string>>;
  /** Scores a table into a table. */
  command(table: string, output: string): readonly string[];
}

/** Fits the peer on the fixture, with the columns of a model of ours; or says why it cannot run here. */
export async function fitPeer(model: string): Promise<ScoringPeer | { readonly skipped: string }> {
  const columns = fromRoot("bench/data/throughput/peer-columns.json");
  const fitted = fromRoot("bench/data/throughput/peer.pickle");
  await writeFile(columns, JSON.stringify(await scoredColumns(model)));
  const script = peerScript("score_parquet.py");
  let said: string;
  try {
    said = await runProgram(PYTHON, [script, "fit", columns, FLOWS_TABLE, fitted]);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return { skipped: `${PYTHON} cannot be started` };
    }
    throw error;
  }
  const answer = JSON.parse(said) as { skipped: string } | Pick<ScoringPeer, "versions">;
  if ("skipped" in answer) return answer;
  return { ...answer, command: (table, output) => [PYTHON, script, "score", fitted, table, output] };
}
