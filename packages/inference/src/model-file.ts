import { readFile } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";

/**
 * The bytes of a model file.
 * @throws OddflowError MODEL_NOT_FOUND
 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const reasons: Record<string, string> = {
      ENOENT: "no such file",
      EISDIR: "it is a folder",
      EACCES: "not allowed",
    };
    const reason = reasons[String(code)] ?? String(code);
    throw new OddflowError("MODEL_NOT_FOUND", `open model: ${path}: ${reason}; name a model file`, { cause });
  }
}

/** Says the file's name where what is wrong with a model is said without it. */
export async function inFile<T>(path: string, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof OddflowError) || !/^(MODEL|SPEC)_/.test(error.code)) throw error;
    throw new OddflowError(error.code, error.message.replace(/^read [a-z ]+: /, `read model: ${path}: `), {
      cause: error,
    });
  }
}
