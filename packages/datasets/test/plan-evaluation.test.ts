import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planEvaluation } from "@oddflow/datasets";
import { type FlowTable, openTable } from "@oddflow/tables";
import { createOnnxEngine, DETECTOR_PREPROCESSING, evaluateByTraining } from "@oddflow/trainer";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "oddflow-plan-"));
const tables: FlowTable[] = [];
afterAll(() => {
  for (const table of tables) table.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Flows of one service after the other, each of which has attacks and normal ones. */
async function makeTable(name: string, rows: number, services: readonly string[]): Promise<FlowTable> {
  const lines = Array.from({ length: rows }, (_, row) =>
    [
      1000 + row,
      services[row % services.length],
      row % 7,
      (row * 37) % 101,
      row % 4 < 2 ? "normal" : "dos",
    ].join(","),
  );
  const path = join(folder, name);
  writeFileSync(path, `ts,service,packets,bytes,label\n${lines.join("\n")}\n`);
  const table = await openTable(path);
  tables.push(table);
  return table;
}

test("a transfer's vocabularies are the training table's alone", async () => {
  const training = await makeTable("training.csv", 200, ["dns", "http"]);
  const table = await makeTable("tested.csv", 90, ["http", "quic", "dns"]);
  const { dataset, split } = await planEvaluation({ table, splitBy: { kind: "transfer", training } });
  expect(dataset.columns[0]).toMatchObject({ name: "service", vocabulary: ["dns", "http"] });
  const width = dataset.columns.length;
  const services = Array.from({ length: 290 }, (_, row) => dataset.flows[row * width]);
  expect(services.slice(0, 200).every((code) => code === 0 || code === 1)).toBe(true);
  expect(services.slice(200, 206)).toEqual([1, 2, 0, 1, 2, 0]);
  const { train, validation, validationAttacks, test } = split(
    Uint32Array.from(services, (_, row) => row),
    dataset.labels,
    { seed: 1 },
  );
  expect([...test]).toEqual(Array.from({ length: 90 }, (_, i) => 200 + i));
  expect(Math.max(...train, ...validation, ...validationAttacks)).toBeLessThan(200);
});

test("a plan's window takes the place of a share of attacks in training and leaves the test part as it is", async () => {
  const table = await makeTable("window.csv", 400, ["dns", "http", "ssh"]);
  for (const kind of ["random", "time"] as const) {
    const { dataset, split } = await planEvaluation({ table, splitBy: { kind } });
    const { labels } = dataset;
    const rows = Uint32Array.from(labels.isAttack, (_, row) => row);
    const attacks = (part: Uint32Array): number => part.filter((row) => labels.isAttack[row] === 1).length;
    const clean = split(rows, labels, { seed: 2, attacksInTraining: 0 });
    const window = split(rows, labels, { seed: 2, window: { contamination: 0.2, mix: "bulk" } });
    expect([attacks(clean.train), attacks(clean.validation)]).toEqual([0, 0]);
    expect(attacks(window.train) / window.train.length).toBeCloseTo(0.2, 2);
    expect(attacks(window.validation)).toBe(Math.round(clean.validation.length / 4));
    expect(window.test).toEqual(clean.test);
  }
});

test("a plan can be evaluated again and again: its flows stay as they were read", async () => {
  const table = await makeTable("again.csv", 400, ["dns", "http", "ssh"]);
  const plan = await planEvaluation({ table, splitBy: { kind: "time" } });
  const before = plan.dataset.flows.slice();
  const evaluate = () =>
    evaluateByTraining(plan, createOnnxEngine({ threads: 1 }), {
      seeds: 1,
      drop: ["service"],
      flows: { protocol: "held-out" },
      detector: {
        name: "reference",
        clean: "off",
        preprocessing: DETECTOR_PREPROCESSING.reference,
        network: { hidden: [8], latent: 2, dropout: [0] },
        schedule: { epochs: 1 },
      },
    });
  const first = await evaluate();
  expect(plan.dataset.flows).toEqual(before);
  expect(await evaluate()).toEqual(first);
  expect(first.columns[0]?.seeds[0]?.attackKinds).toMatchObject([{ name: "dos", attacks: 60 }]);
});
