import { createScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/web";
import wasmModule from "onnxruntime-web/ort-wasm-simd-threaded.wasm";
import model from "./model.onnx";

// workerd compiles WebAssembly only as a module of its configuration, and opens nothing before the first request.
let service;

export default {
  fetch(request) {
    service ??= createScorer(model, { wasmModule }).then((scorer) => createScoringService(scorer));
    return service.then((ready) => ready.fetch(request));
  },
};
