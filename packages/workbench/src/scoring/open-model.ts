import type { Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import { readChosen } from "../reading/chosen-file.ts";
import type { ModelChoice, ScoreQuestion, WebProvider } from "./messages.ts";

/**
 * Opens a detector. The provider that is not asked for is not loaded.
 * @throws OddflowError MODEL_NOT_FOUND where the file has gone or changed since it was chosen
 * @throws what `createScorer` of `@oddflow/inference/web` and `/webgpu` throws, with the model's name before it.
 */
export async function openModel(model: ModelChoice, provider: WebProvider): Promise<Scorer> {
  const bytes = await readFile(model.name, model);
  const { createScorer } =
    provider === "webgpu"
      ? await import("@oddflow/inference/webgpu")
      : await import("@oddflow/inference/web");
  try {
    return await createScorer(bytes);
  } catch (error) {
    if (!(error instanceof OddflowError) || !error.code.startsWith("MODEL_")) throw error;
    throw new OddflowError(error.code, `${model.name}: ${error.message}`, { cause: error });
  }
}

/** The table's file, which may lie beside the page. */
export async function openTableFile({ name, ...place }: ScoreQuestion["table"]): Promise<Blob> {
  return place.file ?? new Blob([await readFile(name, place)]);
}

async function readFile(
  name: string,
  { file, url }: { readonly file?: Blob | undefined; readonly url?: string | undefined },
): Promise<Uint8Array<ArrayBuffer>> {
  if (file !== undefined) {
    return readChosen(
      "open model",
      "MODEL_NOT_FOUND",
      name,
      async () => new Uint8Array(await file.arrayBuffer()),
    );
  }
  const answer = await fetch(url ?? name);
  if (!answer.ok) {
    throw new OddflowError(
      "MODEL_NOT_FOUND",
      `open ${name}: the page's server answered ${answer.status}; start it again`,
    );
  }
  return new Uint8Array(await answer.arrayBuffer());
}
