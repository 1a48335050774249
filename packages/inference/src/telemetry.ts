import { readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { OddflowError } from "@oddflow/preprocessing";

/** What onnxruntime's library looks for in the process's environment when its first session is opened. */
export const TELEMETRY_VARIABLE = "ORT_DISABLE_TELEMETRY";

/** A main thread that runs JavaScript or waits answers within milliseconds; one in a native call, when that is over. */
const PATIENCE_MS = 10_000;

/**
 * Switches off the telemetry of onnxruntime's library, which is on by default on Linux: it reads the machine id, queues
 * what it saw of the model under the user's cache folder and looks up a collector. To be done before the process's first
 * session. A setting of the user's own is left alone, "0" too.
 * @throws OddflowError TELEMETRY_ON where it cannot be switched off from here
 */
export async function switchTelemetryOff(): Promise<void> {
  if (process.versions["bun"] !== undefined) return expectSetAtStart();
  if (!isMainThread) await setInMainThread();
  process.env[TELEMETRY_VARIABLE] ??= "1";
}

/** A worker's `process.env` is a copy that native code does not see, but a worker can have the main thread set its own. */
async function setInMainThread(): Promise<void> {
  try {
    // Not everywhere: Node may be built without it, or run without leave to use it.
    const { Session } = await import("node:inspector");
    const session = new Session();
    session.connectToMainThread();
    await new Promise<void>((resolve, reject) => {
      // Waiting for an answer alone would not keep a worker alive.
      const timer = setTimeout(() => reject(new Error("the main thread does not answer")), PATIENCE_MS);
      const expression = `process.env.${TELEMETRY_VARIABLE} ??= "1"`;
      session.post("Runtime.evaluate", { expression }, (error, answer) => {
        clearTimeout(timer);
        if (error === null && answer.exceptionDetails === undefined) resolve();
        else reject(new Error(error?.message ?? answer.exceptionDetails?.text));
      });
    }).finally(() => session.disconnect());
  } catch (cause) {
    // Then what the main thread had set when it started this worker is all that is known here.
    if (process.env[TELEMETRY_VARIABLE] !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw stillOn(
      `a worker thread's environment is not its library's, and the main thread's cannot be set (${reason})`,
      `set process.env.${TELEMETRY_VARIABLE} = "1" in the main thread before it starts the worker`,
      cause,
    );
  }
}

/** Bun's `process.env` is a copy in every thread: its libraries see what the process was started with. */
function expectSetAtStart(): void {
  let environment: readonly string[];
  try {
    environment = readFileSync("/proc/self/environ", "utf8").split("\0");
  } catch {
    environment = Object.keys(process.env).map((name) => `${name}=`);
  }
  if (environment.some((entry) => entry.startsWith(`${TELEMETRY_VARIABLE}=`))) return;
  throw stillOn(
    "Bun does not hand environment variables that are set while it runs to its libraries",
    `start it with ${TELEMETRY_VARIABLE}=1 in its environment, or use @oddflow/inference/web`,
  );
}

function stillOn(why: string, what: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "TELEMETRY_ON",
    `open session: onnxruntime's telemetry is on and cannot be switched off from here: ${why}; ${what}`,
    cause === undefined ? {} : { cause },
  );
}
