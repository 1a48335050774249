/** What cases are called, where the process that asks for them, or a peer, must know. */

export const batchCase = (batch: number): string => `batch ${batch.toLocaleString("en-US")}`;
export const ONE_CALL = "one call, batch 1";

export const READ_LOG = "read a log";

export const ONE_CONNECTION = "scan alone, one connection on all threads";
export const SCAN_A_CORE = "scan alone, a process a core";
export const MODEL_A_CORE = "model alone, a process a core";
export const SCAN_ONE_PROCESS = "scan alone, one process";
export const MODEL_ONE_PROCESS = "model alone, one process, its share of the flows";

export const CONTEXT_OF_SOME = "context of flows as they come, 10,000 hosts";
export const CONTEXT_OF_MILLION = "context of flows as they come, a million hosts at either end";
export const SCAN_ALONE = "scan of a table, all columns of numbers";
export const SCAN_IN_CONTEXT = "the same with context, rows in no order";

export const ONNX_ALL_THREADS = "onnx, all threads";
export const TFJS_WASM = "tfjs, WASM backend";
export const trainingCase = (engine: string, batch: number): string => `${engine}, ${batchCase(batch)}`;
