/**
 * Scores the test set in the runtime that runs this file, and prints what it measured: Node, Bun, Deno.
 * Arguments: node or web, the model, the flows as JSON.
 */
import { readFileSync } from "node:fs";
import { measureScorer } from "./measure-scorer.ts";

const [entry, model = "", flows = ""] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(model));
// Only the entry that was asked for is loaded: Bun and Deno need not have onnxruntime-node.
const scorer =
  entry === "node"
    ? await (await import("@oddflow/inference/node")).createScorer(bytes, { provider: "cpu", threads: 1 })
    : await (await import("@oddflow/inference/web")).createScorer(bytes);
console.log(JSON.stringify(await measureScorer(scorer, JSON.parse(readFileSync(flows, "utf8")))));
