import { writeFile } from "node:fs/promises";
import { createScorer } from "@oddflow/inference/node";
import { openTable } from "@oddflow/tables";
import { type BenchCase, type BenchSuite, expectScores, expectTrue } from "../case.ts";
import {
  MODEL_A_CORE,
  MODEL_ONE_PROCESS,
  ONE_CONNECTION,
  SCAN_A_CORE,
  SCAN_ONE_PROCESS,
} from "../case-names.ts";
import { readFlows } from "../inputs.ts";
import { startStageWorkers } from "./stage-workers.ts";

/** Flows at either end of the table that a session of its own scores for the check. */
const COMPARED = 20_000;

/**
 * The two stages that scoring a table cannot do without, each alone on all cores, in a process a core with a connection or a
 * session of one thread: the scan, and the model on flows in memory. The scan runs as one connection on all threads, too.
 * What is opened (table, session, process) is open before the clock starts. Arguments: model, table, and a file to write
 * the flows' scores to.
 */
export async function stagesSuite(args: readonly string[]): Promise<BenchSuite> {
  const [model = "", path = "", scoresFile = ""] = args;
  const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
  const { columns } = scorer;
  const flows = await readFlows(path, columns);
  const count = flows.length / columns.length;
  const table = await openTable(path);
  const workers = await startStageWorkers(model, table);
  const expectRows = (rows: number): void => expectTrue(rows === count, `${rows} rows scanned of ${count}`);
  const stage = (
    name: string,
    run: () => Promise<void>,
    check = async (): Promise<void> => {},
  ): BenchCase => ({
    name,
    flows: count,
    timing: "single",
    check,
    run,
  });
  return {
    cases: [
      stage(ONE_CONNECTION, async () => {
        let rows = 0;
        for await (const batch of table.scan(columns)) rows += batch.rows;
        expectRows(rows);
      }),
      stage(SCAN_A_CORE, async () => expectRows(await workers.scan())),
      stage(SCAN_ONE_PROCESS, async () => expectRows(await workers.scanByOne())),
      stage(MODEL_ONE_PROCESS, () => workers.scoreShare()),
      stage(
        MODEL_A_CORE,
        () => workers.score(),
        async () => {
          await workers.score();
          const scores = await workers.scores();
          for (const first of [0, Math.max(0, count - COMPARED)]) {
            const some = flows.subarray(first * columns.length, (first + COMPARED) * columns.length);
            const { scores: expected } = await scorer.score(some);
            expectScores(MODEL_A_CORE, scores.subarray(first), expected);
          }
          await writeFile(scoresFile, scores);
        },
      ),
    ],
    close: async () => {
      workers.close();
      table.close();
      await scorer.close();
    },
  };
}
