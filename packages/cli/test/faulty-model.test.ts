import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeDetector, parseDetectorMetadata } from "@oddflow/detector";
import { createScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/node";
import { GraphBuilder, readModelSummary } from "@oddflow/onnx";
import { beforeAll, expect, test } from "vitest";
import { MODEL, run, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const model = join(folder, "faulty.onnx");
const out = join(folder, "scored.parquet");

beforeAll(() => {
  const metadata = parseDetectorMetadata(readModelSummary(readFileSync(MODEL)));
  const columns = metadata.spec.columns.length;
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", columns]);
  // What is missing in a flow is missing in its score.
  graph.node("Mul", [flows, graph.scalar(1)], {}, "column_error");
  const shares = graph.floats(new Array<number>(columns).fill(1 / columns), [columns, 1]);
  graph.node("Squeeze", [graph.node("MatMul", ["column_error", shares]), graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", columns]);
  writeFileSync(model, encodeDetector(graph.build(), metadata));
});

/** A flow whose values are all there, and the same without one of them. */
async function records(): Promise<{ readonly whole: object; readonly missing: object }> {
  const { columns } = parseDetectorMetadata(readModelSummary(readFileSync(MODEL))).spec;
  const whole = Object.fromEntries(
    columns.map((column) => [column.name, column.kind === "number" ? 1 : column.vocabulary[0]]),
  );
  return { whole, missing: { ...whole, dur: null } };
}

test("a score that is no number leaves by no door: not as a usual flow, and not as an alarm", async () => {
  const { whole, missing } = await records();
  const lines = [whole, whole, missing, whole].map((record) => JSON.stringify(record)).join("\n");
  const table = join(folder, "flows.ndjson");
  // So many that the row is not in the first part that is read.
  writeFileSync(
    table,
    `${Array.from({ length: 3000 }, () => `${JSON.stringify(whole)}\n`).join("")}${lines}\n`,
  );
  const doors: [string[], string?][] = [
    [["score", table, "-m", model, "-o", out]],
    [["recalibrate", model, table, "-o", join(folder, "new.onnx")]],
    [["score", "-", "-m", model], lines],
  ];
  const finished = await Promise.all(
    doors.map(([args, input]) => run("oddflow", args, input === undefined ? {} : { input })),
  );
  expect(finished.map(({ status, stdout }) => [status, stdout])).toEqual(doors.map(() => [3, ""]));
  const messages = finished.map(({ stderr }) => stderr.trimEnd());
  expect(
    messages.map((message) => /score: flow (\d+): the model gives NaN as its score/.exec(message)?.[1]),
  ).toEqual(["3002", "3002", "2"]);
  expect(messages.join("\n").split("\n")).toHaveLength(3);
  expect(existsSync(out)).toBe(false);

  const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
  const service = createScoringService(scorer, { threshold: 1 });
  const answer = await service.fetch(
    new Request("http://localhost/score", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines,
    }),
  );
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("the model gives NaN")]);
  await scorer.close();
});
