import { execFile } from "node:child_process";
import { encodeModel, GraphBuilder } from "@oddflow/onnx";
import { cudaLibraryIsThere, HOW_TO_GET, sessionFailure } from "./node-session.ts";
import { findRuntime } from "./onnxruntime.ts";
import type { ExecutionProvider } from "./provider.ts";
import { TELEMETRY_VARIABLE } from "./telemetry.ts";

/** Whether onnxruntime-node can run on a provider here. */
export interface ProviderDescription {
  readonly provider: ExecutionProvider;
  readonly available: boolean;
  /** Why it is not available and what it needs; absent when it is. */
  readonly reason?: string;
}

/** Opens a session with the model in argv and runs it once. */
const PROBE = `
  const ort = require(process.argv[1]);
  const model = Buffer.from(process.argv[3], "base64");
  const report = (reason) => console.log(JSON.stringify({ reason }));
  ort.InferenceSession.create(model, { executionProviders: [process.argv[2]], logSeverityLevel: 4 })
    .then((session) => session.run({ x: new ort.Tensor("float32", [1], [1]) }))
    .then(() => report(null), (error) => report(String(error.message)));
`;

/**
 * onnxruntime-node's version, for people.
 * @throws OddflowError RUNTIME_UNAVAILABLE
 */
export function onnxruntimeVersion(): string {
  return findRuntime().version;
}

/**
 * Finds out which providers can be had here. Each is tried by another Node, so neither what onnxruntime and the drivers
 * write nor a crash of them reaches the caller. Never rejects.
 */
export async function describeProviders(): Promise<ProviderDescription[]> {
  return Promise.all([describe("cpu"), describe("cuda"), describe("webgpu")]);
}

async function describe(provider: ExecutionProvider): Promise<ProviderDescription> {
  let runtime: string;
  try {
    runtime = findRuntime().folder;
  } catch (error) {
    return { provider, available: false, reason: error instanceof Error ? error.message : String(error) };
  }
  const reason =
    provider === "cuda" && !cudaLibraryIsThere()
      ? "onnxruntime's CUDA library is not installed"
      : await probe(runtime, provider);
  if (reason === null) return { provider, available: true };
  return {
    provider,
    available: false,
    reason: provider === "cpu" ? reason : `${sessionFailure(reason)}; ${HOW_TO_GET[provider]}`,
  };
}

function probe(runtime: string, provider: ExecutionProvider): Promise<string | null> {
  const graph = new GraphBuilder("probe");
  graph.node("Mul", [graph.input("x", "float32", ["n"]), "x"], {}, "y");
  graph.output("y", "float32", ["n"]);
  const model = encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata: new Map() });
  const base64 = btoa(String.fromCharCode(...model));
  return new Promise((resolve) => {
    const parameters = ["-e", PROBE, runtime, provider, base64];
    const environment = { [TELEMETRY_VARIABLE]: "1", ...process.env };
    const child = execFile(process.execPath, parameters, { env: environment }, (_, stdout, stderr) => {
      try {
        const { reason }: { reason: string | null } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
        // Which library is missing, onnxruntime tells standard error only.
        const loading = /with error: (.+)/.exec(stderr)?.[1];
        resolve(reason !== null && loading !== undefined ? loading.trim() : reason);
      } catch {
        resolve(`it ended Node with ${child.signalCode ?? `exit status ${child.exitCode}`}`);
      }
    });
  });
}
