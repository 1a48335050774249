/** What cases are called, where the process that asks for them, or a peer, must know. */

export const batchCase = (batch: number): string => `batch ${batch.toLocaleString("en-US")}`;
export const ONE_CALL = "one call, batch 1";

export const READ_LOG = "read a log";

export const ONE_CONNECTION = "scan alone, one connection on all threads";
export const SCAN_A_CORE = "scan alone, a process a core";
export const MODEL_A_CORE = "model alone, a process a core";

export const ONNX_ALL_THREADS = "onnx, all threads";
export const TFJS_WASM = "tfjs, WASM backend";
export const trainingCase = (engine: string, batch: number): string => `${engine}, ${batchCase(batch)}`;
