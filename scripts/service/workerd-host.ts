/** The service on workerd (Cloudflare Workers). Its configuration binds IDLE_SECONDS, for which a client may pause. */
import { createScoringService, type ScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/web";
import wasmModule from "onnxruntime-web/ort-wasm-simd-threaded.wasm";
import model from "./model.onnx";

const opened = createScorer(model, { wasmModule });
let service: ScoringService | undefined;

export default {
  async fetch(request: Request, env: { IDLE_SECONDS: string }): Promise<Response> {
    // Cloudflare sets the header itself. It also finds the service by its name, so hosts are not checked again.
    const client = request.headers.get("cf-connecting-ip") ?? undefined;
    // The first request waits for the model rather than being told to come again.
    const scorer = await opened;
    service ??= createScoringService(scorer, {
      limits: { idleSeconds: Number(env.IDLE_SECONDS), requests: 8, requestsPerClient: 8 },
    });
    return service.fetch(request, { client });
  },
};
