import { createScorer, type Scorer } from "@oddflow/inference/node";
import { type FlowTable, openTable } from "@oddflow/tables";
import { readFlows } from "../inputs.ts";
import type { StageAnswer, StageOrder } from "./stage-messages.ts";

/** Scans ranges or scores its flows on one thread, as it is told: a process, as score-batch's workers are. */

interface Opened {
  readonly scorer: Scorer;
  readonly table: FlowTable;
  readonly flows: Float32Array;
  readonly scores: Float32Array;
}

let opened: Opened | undefined;

process.on("disconnect", () => process.exit());
process.on("message", async (order: StageOrder) => process.send?.(await obey(order)));

async function obey(order: StageOrder): Promise<StageAnswer> {
  if (order.kind === "open") {
    const scorer = await createScorer(order.model, { provider: "cpu", threads: 1 });
    const width = scorer.columns.length;
    const all = await readFlows(order.table, scorer.columns);
    const flows = all.slice(order.first * width, order.end * width);
    const table = await openTable(order.table, { threads: 1 });
    opened = { scorer, table, flows, scores: new Float32Array(order.end - order.first) };
    return {};
  }
  if (opened === undefined) throw new Error("bench: a stage worker was told to work before it was opened");
  const { scorer, table, flows, scores } = opened;
  switch (order.kind) {
    case "scan": {
      let rows = 0;
      for await (const batch of table.scan(scorer.columns, { range: order.range })) rows += batch.rows;
      return { rows };
    }
    case "score":
      await scorer.score(flows, { scores });
      return {};
    case "scores":
      return { scores };
  }
}
