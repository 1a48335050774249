/** A worker for workerd. POST a JSON array of flows, get their scores; `?repeats=N` scores them N times more. */
import { createScorer } from "@oddflow/inference/web";
import wasmModule from "onnxruntime-web/ort-wasm-simd-threaded.wasm";
import model from "./model.onnx";

const opened = createScorer(model, { wasmModule });

export default {
  async fetch(request: Request): Promise<Response> {
    const flows = (await request.json()) as Record<string, unknown>[];
    const scorer = await opened;
    const repeats = Number(new URL(request.url).searchParams.get("repeats") ?? 0);
    for (let repeat = 0; repeat < repeats; repeat += 1) await scorer.score(flows);
    const { scores } = await scorer.score(flows);
    return Response.json(Array.from(scores));
  },
};
