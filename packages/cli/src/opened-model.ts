import { createHash } from "node:crypto";
import type { Provider, Scorer } from "@oddflow/inference";
import { createScorer, inFile } from "@oddflow/inference/node";
import { readModel } from "./read-model.ts";

/** Where a model comes from, and where it runs. */
export interface ModelPlace {
  readonly path: string;
  /** A file of public keys, one of which must have signed it; undefined where any model will do. */
  readonly trust: string | undefined;
  readonly provider: Provider;
  /** That share a call on the CPU. */
  readonly threads: number;
}

/** A model that scores in this thread. */
export interface OpenedModel {
  /** The file's. */
  readonly bytes: Uint8Array;
  readonly version: string;
  readonly scorer: Scorer;
}

/** @throws OddflowError as `readModel` and `createScorer` */
export async function openModelFile(place: ModelPlace): Promise<OpenedModel> {
  return openBytes(await readModel(place.path, place.trust), place);
}

/** The same for bytes that were read from there. */
export async function openBytes(
  bytes: Uint8Array,
  { path, provider, threads }: ModelPlace,
): Promise<OpenedModel> {
  const scorer = await inFile(path, () => createScorer(bytes, { provider, threads }));
  return { bytes, version: versionOf(bytes), scorer };
}

/** What tells a model from any other: the SHA-256 of its file, in hexadecimal digits. */
export function versionOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Scores a flow without any value, and one of zeros, each the first of its vocabulary.
 * @throws OddflowError MODEL_INVALID, SCORE_NOT_FINITE
 */
export async function tryModel({ scorer }: OpenedModel, path: string): Promise<void> {
  const width = scorer.columns.length;
  await inFile(path, () => scorer.score(new Float32Array(2 * width).fill(Number.NaN, 0, width)));
}
