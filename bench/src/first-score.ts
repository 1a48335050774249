import { createScorer } from "@oddflow/inference/node";
import { expectTrue } from "./case.ts";

/** `node first-score.js MODEL`: opens the model on the CPU and scores one record, in which every value is missing. */
const scorer = await createScorer(process.argv[2] ?? "", { provider: "cpu" });
const { scores } = await scorer.score([{}]);
expectTrue(scores.length === 1 && Number.isFinite(scores[0]), `the first score is ${scores[0]}`);
await scorer.close();
