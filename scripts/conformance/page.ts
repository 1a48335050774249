/// <reference lib="dom" />
import { createScorer } from "@oddflow/inference/web";
import { answerWith } from "./page-answer.ts";

const threads = Number(new URLSearchParams(location.search).get("threads") ?? 1);
await answerWith(() => createScorer("model.onnx", { threads }));
