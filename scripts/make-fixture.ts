/**
 * Makes fixtures/flows.parquet, the small table of synthetic flows on which the demo and the tests run.
 * Build with `pnpm compile`, then run `node scripts/dist/make-fixture.js`.
 */
import { fileURLToPath } from "node:url";
import { generateFlows } from "./fixture/generate-flows.ts";
import { writeFlowsParquet } from "./fixture/write-parquet.ts";

const FLOW_COUNT = 24_000;
const SEED = 20250303;

// The compiled script lies in scripts/dist.
const target = fileURLToPath(new URL("../../fixtures/flows.parquet", import.meta.url));
await writeFlowsParquet(generateFlows(FLOW_COUNT, SEED), target);
console.log(`${FLOW_COUNT} flows from seed ${SEED} written to fixtures/flows.parquet`);
