import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addPreprocessing } from "@oddflow/detector";
import { openNodeSession, Tensor } from "@oddflow/inference/node";
import { encodeModel, GraphBuilder } from "@oddflow/onnx";
import {
  type ColumnCoding,
  createRecordEncoder,
  type FlowRecord,
  featureCount,
  fitPreprocessing,
  type PreprocessingSpec,
  transformFlows,
} from "@oddflow/preprocessing";
import { openTable } from "@oddflow/tables";
import fc from "fast-check";
import { expect, test } from "vitest";

const COLUMNS: readonly ColumnCoding[] = [
  { kind: "number", name: "whole" },
  { kind: "number", name: "real" },
  { kind: "number", name: "number as text" },
  {
    kind: "category",
    name: "service",
    valueType: "text",
    vocabulary: ["-", "dns", 'a "quoted" one', "http"],
  },
  { kind: "category", name: "flag", valueType: "number", vocabulary: ["0", "1", "2.5"] },
];

const row = fc.record(
  {
    whole: fc.oneof(fc.constant(null), fc.maxSafeInteger(), fc.integer({ min: -5, max: 500 })),
    real: fc.oneof(
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    ),
    "number as text": fc.constantFrom(null, "", " 12.5", "-3e2", "+.5", "nan", "-", "inf", "7"),
    service: fc.constantFrom(null, "", "-", "dns", "DNS", 'a "quoted" one', "never seen"),
    flag: fc.constantFrom(null, 0, 1, 2.5, 9),
  },
  { requiredKeys: ["whole"] },
);

/** A spec as the model file holds it, applied by DuckDB and the graph. */
async function throughTableAndGraph(
  spec: PreprocessingSpec,
  path: string,
): Promise<{ flows: Float32Array; features: Float32Array }> {
  const table = await openTable(path);
  const width = COLUMNS.length;
  const flows = new Float32Array(table.rows * width);
  let first = 0;
  for await (const batch of table.scan(spec.columns)) {
    batch.columns.forEach((values, k) => {
      for (let i = 0; i < batch.rows; i++) flows[(first + i) * width + k] = values[i] as number;
    });
    first += batch.rows;
  }
  table.close();
  const graph = new GraphBuilder("preprocessing");
  const output = addPreprocessing(graph, spec, graph.input("flows", "float32", ["batch", width]));
  graph.output(output, "float32", ["batch", featureCount(spec)]);
  const session = await openNodeSession(
    encodeModel({ graph: graph.build(), opset: 17, producer: "test", metadata: new Map() }),
    "cpu",
    1,
  );
  const outputs = await session.run({ flows: new Tensor("float32", flows, [first, width]) });
  await session.release();
  return { flows, features: Float32Array.from(outputs[output]?.data as Float32Array) };
}

test("one spec gives the same features in TypeScript as in a DuckDB scan and the model's graph", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oddflow-three-ways-"));
  let rows = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.constantFrom("identity" as const, "signed-log1p" as const),
        fc.constantFrom("label" as const, "one-hot" as const),
        async (drawn, transform, encoding) => {
          // A first row with every column, each of the type that it has in a real table.
          const drawnRecords = [
            { whole: 1, real: 0.5, "number as text": "1", service: "dns", flag: 0.5 },
            ...drawn,
          ];
          // As the file has them: JSON knows no negative zero.
          const records: FlowRecord[] = drawnRecords.map((record) => JSON.parse(JSON.stringify(record)));
          const path = join(folder, "flows.ndjson");
          const lines = records.map((record) => JSON.stringify(record));
          writeFileSync(path, `${lines.join("\n")}\n`);
          const { flows } = createRecordEncoder(COLUMNS).encode(records);
          const spec = fitPreprocessing({ columns: COLUMNS, flows }, { transform, encoding });
          const encoded = createRecordEncoder(spec.columns).encode(records).flows;
          const expected = transformFlows(spec, encoded);
          const got = await throughTableAndGraph(spec, path);
          expect(got.flows).toEqual(encoded);
          expect(got.features).toHaveLength(expected.length);
          expected.forEach((feature, i) => {
            // Too far from the mean for float32: infinite on both sides.
            if (got.features[i] === feature) return;
            const difference = Math.abs((got.features[i] ?? Number.NaN) - feature);
            expect(difference).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(feature)));
          });
          rows += records.length;
        },
      ),
      { numRuns: 50 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(rows).toBeGreaterThan(50);
});
