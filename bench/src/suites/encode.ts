import { addPreprocessing, encodeDetector } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import { GraphBuilder } from "@oddflow/onnx";
import {
  createRecordEncoder,
  featureCount,
  type PreprocessingSpec,
  SPEC_VERSION,
  transformFlows,
} from "@oddflow/preprocessing";
import { type BenchSuite, expectScores, expectTrue } from "../case.ts";
import { makeRecords } from "../inputs.ts";

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

/** A model that is preprocessing and nothing else: a flow's score is the mean of its features. */
function preprocessingModel(spec: PreprocessingSpec): Uint8Array {
  const columns = spec.columns.length;
  const width = featureCount(spec);
  const graph = new GraphBuilder("preprocessing");
  const flows = graph.input("flows", "float32", ["batch", columns]);
  const features = addPreprocessing(graph, spec, flows);
  const mean = graph.floats(new Array<number>(width).fill(1 / width), [width, 1]);
  graph.node("Squeeze", [graph.node("MatMul", [features, mean]), graph.integers([1])], {}, "score");
  graph.node("Identity", [flows], {}, "column_error");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", columns]);
  const heldBack = { flows: 2, probabilities: [0, 1], scores: [0, 1] };
  return encodeDetector(graph.build(), { spec, thresholds: { heldBack }, training: {} });
}
