/// <reference lib="dom" />
import { OddflowError } from "@oddflow/preprocessing";

/**
 * Where a model comes from on the web: the file's bytes, its address, or an answer that carries it.
 * A string is an address, relative to the page where there is one.
 */
export type ModelSource = Uint8Array | ArrayBuffer | string | URL | Response;

/**
 * The bytes of a model.
 * @throws OddflowError MODEL_NOT_FOUND when the address answers with nothing or with a refusal.
 */
export async function readModelSource(model: ModelSource): Promise<Uint8Array> {
  if (model instanceof Uint8Array) return model;
  if (model instanceof ArrayBuffer) return new Uint8Array(model);
  if (model instanceof Response) return readAnswer(model, model.url || "the response");
  const address = String(model);
  let answer: Response;
  try {
    answer = await fetch(address);
  } catch (cause) {
    throw notFound(address, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return readAnswer(answer, address);
}

async function readAnswer(answer: Response, name: string): Promise<Uint8Array> {
  if (!answer.ok) throw notFound(name, `the answer was ${`${answer.status} ${answer.statusText}`.trim()}`);
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    throw notFound(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function notFound(name: string, reason: string, cause?: unknown): OddflowError {
  const message = `open model: ${name}: ${reason}; give the address of a model file, or its bytes`;
  return new OddflowError("MODEL_NOT_FOUND", message, cause === undefined ? undefined : { cause });
}
