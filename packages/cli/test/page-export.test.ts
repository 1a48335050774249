import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import { expect, test } from "vitest";
import { readTable } from "../../workbench/src/reading/index.ts";
import { ScoredTable } from "../../workbench/src/scoring/scored-table.ts";
import { zeekLog, zeekModel } from "../../workbench/test/served-page.ts";
import { runHere } from "./in-process.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();

/** Numbers by what they are worth as float32: the same one may be written as 1e-7 and as 0.0000001. */
function worth(cell: string): string | number {
  return cell === "" || Number.isNaN(Number(cell)) ? cell : Math.fround(Number(cell));
}

test("the page saves what score-batch writes: all rows, those that are chosen, and the alarms among them", async () => {
  const [log, model, scored] = ["conn.log", "m.onnx", "scored.csv"].map((name) => join(folder, name));
  writeFileSync(log ?? "", zeekLog(300));
  writeFileSync(model ?? "", zeekModel());
  const ran = await runHere("score-batch", [log ?? "", "-m", model ?? "", "-o", scored ?? "", "--top", "3"]);
  expect(ran.status, ran.stderr).toBe(0);
  const wanted = linesOf(readFileSync(scored ?? "", "utf8"));

  const scorer = await createScorer(zeekModel(), { provider: "cpu" });
  const threshold = scorer.thresholds.forBudget();
  const table = await readTable(new Blob([readFileSync(log ?? "")]), "conn.log", () => undefined);
  const { workplace } = await ScoredTable.score(table, scorer, "m.onnx", () => undefined);
  const save = async (rows: "all" | "chosen" | "alarms"): Promise<(string | number)[][]> =>
    linesOf(await (await workplace.save({ format: "csv", threshold, rows })).text());
  const [header = [], ...rows] = wanted;
  const [proto, isAnomaly] = [header.indexOf("proto"), header.indexOf("is_anomaly")];
  expect(await save("all")).toEqual(wanted);
  const filters = [{ column: "proto", operator: "is", value: "tcp" }] as const;
  const { alarms } = workplace.choose({ filters, range: undefined, threshold });
  const chosen = rows.filter((row) => row[proto] === "tcp");
  expect(await save("chosen")).toEqual([header, ...chosen]);
  const anomalies = chosen.filter((row) => row[isAnomaly] === "true");
  expect(await save("alarms")).toEqual([header, ...anomalies]);
  expect(alarms.rows).toBe(anomalies.length);
  expect(anomalies.length).toBeGreaterThan(0);
  await scorer.close();
});

function linesOf(csv: string): (string | number)[][] {
  return csv
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(worth));
}
