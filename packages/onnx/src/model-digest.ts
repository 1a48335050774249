import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { SIGNATURE_KEY } from "./model-signature.ts";
import { metadataParts, replaceMetadata } from "./replace-metadata.ts";

/** The metadata that holds a file's digest. */
export const DIGEST_KEY = "oddflow.digest";

/**
 * SHA-256 over all bytes of a model file in their order, except its metadata entries `oddflow.digest` and
 * `oddflow.signature`; in hexadecimal digits. A library's and not the platform's: browsers have that only on secure origins.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model.
 */
export function modelDigest(model: Uint8Array): string {
  const hash = sha256.create();
  for (const { bytes, key } of metadataParts(model)) {
    if (key !== DIGEST_KEY && key !== SIGNATURE_KEY) hash.update(bytes);
  }
  return bytesToHex(hash.digest());
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
