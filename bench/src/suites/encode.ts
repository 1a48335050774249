import { createScorer } from "@oddflow/inference/node";
import {
  createRecordEncoder,
  type PreprocessingSpec,
  SPEC_VERSION,
  transformFlows,
} from "@oddflow/preprocessing";
import { type BenchSuite, expectScores, expectTrue } from "../case.ts";
import { makeRecords } from "../inputs.ts";
import { preprocessingModel } from "./preprocessing-model.ts";

const FLOWS = 4096;

/** Records to float32 rows, and rows to features: in TypeScript, and in the model's graph. */
export async function encodeSuite([model = ""]: readonly string[]): Promise<BenchSuite> {
  const scorer = await createScorer(model);
  const { columns } = scorer;
  await scorer.close();
  const spec: PreprocessingSpec = { version: SPEC_VERSION, columns };
  const records = makeRecords(columns, FLOWS);
  const encoder = createRecordEncoder(columns);
  const { flows } = encoder.encode(records);
  const features = transformFlows(spec, flows);
  const width = features.length / FLOWS;
  const graph = await createScorer(preprocessingModel(spec), { provider: "cpu", threads: 1 });
  const means = new Float32Array(FLOWS);
  return {
    cases: [
      {
        name: `encode records, ${columns.length} columns`,
        flows: FLOWS,
        check: async () => {
          const { unseen } = encoder.encode(records, flows).report;
          expectTrue(unseen.size === 0, "records have unseen categories");
        },
        run: () => {
          encoder.encode(records, flows);
        },
      },
      {
        name: `transform to ${width} features, TypeScript`,
        flows: FLOWS,
        check: async () => {
          const areFinite = transformFlows(spec, flows).every((value) => Number.isFinite(value));
          expectTrue(areFinite, "features are not finite");
        },
        run: () => {
          transformFlows(spec, flows, features);
        },
      },
      {
        name: `transform to ${width} features, graph, one thread`,
        flows: FLOWS,
        check: async () => {
          const expected = Float32Array.from({ length: FLOWS }, (_, row) => {
            const own = features.subarray(row * width, (row + 1) * width);
            return own.reduce((sum, value) => sum + value, 0) / width;
          });
          expectScores("graph preprocessing", (await graph.score(flows)).scores, expected);
        },
        run: () => graph.score(flows, { scores: means }),
      },
    ],
    close: () => graph.close(),
  };
}
