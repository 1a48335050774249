import { readFile } from "node:fs/promises";
import { inFile, readModelFile, verifyModel } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";

/**
 * The bytes of a model file, which are what is checked and what is used: the file may change meanwhile.
 * @param trust a file of public keys; undefined where any model will do
 * @throws OddflowError MODEL_NOT_FOUND; KEY_INVALID, MODEL_UNTRUSTED and what a damaged model throws, with `trust`
 */
export async function readModel(path: string, trust: string | undefined): Promise<Uint8Array> {
  const publicKeys = trust === undefined ? undefined : await readKeyFile(trust);
  const model = await readModelFile(path);
  if (publicKeys !== undefined && trust !== undefined) {
    await inKeyFile(trust, () => inFile(path, () => verifyModel(model, publicKeys)));
  }
  return model;
}

/** @throws OddflowError KEY_INVALID */
export async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const reason = code === "ENOENT" ? "no such file" : code;
    throw new OddflowError("KEY_INVALID", `read key: ${path}: ${reason}; name a key in PEM`, { cause });
  }
}

/** Says the file's name where what is wrong with a key is said without it. */
export async function inKeyFile<T>(path: string, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof OddflowError) || error.code !== "KEY_INVALID") throw error;
    throw new OddflowError("KEY_INVALID", error.message.replace(/^read key: /, `read key: ${path}: `), {
      cause: error,
    });
  }
}
