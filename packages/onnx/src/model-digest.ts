import { SIGNATURE_KEY } from "./model-signature.ts";
import { metadataChunks, replaceMetadata } from "./replace-metadata.ts";
import { sha256Of } from "./sha256.ts";

/** The metadata that holds a file's digest. */
export const DIGEST_KEY = "oddflow.digest";

/**
 * SHA-256 over all bytes of a model file in their order, except its metadata entries `oddflow.digest` and
 * `oddflow.signature`; in hexadecimal digits.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model.
 */
export function modelDigest(model: Uint8Array): string {
  const covered = metadataChunks(model).filter(({ key }) => key !== DIGEST_KEY && key !== SIGNATURE_KEY);
  return sha256Of(covered.map(({ bytes }) => bytes));
}

/** The same file with its digest as its last entry. A signature that it had is gone: it was another file's. */
export function sealModel(model: Uint8Array): Uint8Array {
  return replaceMetadata(
    model,
    new Map([
      [SIGNATURE_KEY, undefined],
      [DIGEST_KEY, modelDigest(model)],
    ]),
  );
}
