import { createScorer } from "@oddflow/inference/node";
import {
  createRecordEncoder,
  type PreprocessingSpec,
  SPEC_VERSION,
  transformFlows,
} from "@oddflow/preprocessing";
import { type BenchSuite, expectTrue } from "../case.ts";
import { MODEL, makeRecords } from "../inputs.ts";

const FLOWS = 4096;

/** Records to float32 rows, and rows to features, in TypeScript. */
export async function encodeSuite(): Promise<BenchSuite> {
  const scorer = await createScorer(MODEL);
  const { columns } = scorer;
  await scorer.close();
  const spec: PreprocessingSpec = { version: SPEC_VERSION, columns };
  const records = makeRecords(columns, FLOWS);
  const encoder = createRecordEncoder(columns);
  const { flows } = encoder.encode(records);
  const features = transformFlows(spec, flows);
  const allFinite = (values: Float32Array): boolean => values.every((value) => Number.isFinite(value));
  return {
    title: `Encoding, ${FLOWS} records of ${columns.length} columns a run`,
    cases: [
      {
        name: "encode records",
        flows: FLOWS,
        check: async () => {
          expectTrue(
            encoder.encode(records, flows).report.unseen.size === 0,
            "records have unseen categories",
          );
        },
        run: () => {
          encoder.encode(records, flows);
        },
      },
      {
        name: "transform to features",
        flows: FLOWS,
        check: async () => expectTrue(allFinite(transformFlows(spec, flows)), "features are not finite"),
        run: () => {
          transformFlows(spec, flows, features);
        },
      },
    ],
    close: async () => {},
  };
}
