/** As page.ts, on the GPU. A page of its own, so that each is as large as it would be alone. */
import { createScorer } from "@oddflow/inference/webgpu";
import { answerWith } from "./page-answer.ts";

await answerWith(() => createScorer("model.onnx"));
