import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";

/** What a browser throws for a file that is no longer as it was when it was chosen. Source: w3.org/TR/FileAPI, "Error Conditions" */
const CHANGED: ReadonlySet<string> = new Set(["NotReadableError", "NotFoundError"]);

/**
 * Reads a file that somebody chose, and says so where it has changed since, whatever else it was taken for.
 * @param operation such as "open table", for messages
 * @throws OddflowError with this code
 */
export async function readChosen<T>(
  operation: string,
  code: ErrorCode,
  name: string,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    for (let cause = thrown; cause instanceof Error; cause = cause.cause) {
      if (!CHANGED.has(cause.name)) continue;
      const problem = "was changed or removed since it was chosen, or may not be read; choose it again";
      throw new OddflowError(code, `${operation}: ${name} ${problem}`, { cause });
    }
    throw thrown;
  }
}
