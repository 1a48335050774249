/** A thread that has not ended. */
interface RunningThread {
  /** Ends it where it is, but not in the middle of a run of the model. Nobody hears of it, nor of the orders that it has. */
  halt(): Promise<void>;
}

const running = new Set<RunningThread>();

/** @returns what is to be called when it has ended */
export function addRunning(thread: RunningThread): () => void {
  running.add(thread);
  return () => running.delete(thread);
}

/**
 * Ends all threads, for the process to end at once: when it does so while one of them is in the model, onnxruntime's binding ends it
 * with a core dump.
 */
export async function haltThreads(): Promise<void> {
  await Promise.all([...running].map((thread) => thread.halt()));
}
