import { hexToBytes } from "@noble/hashes/utils.js";
import { OddflowError } from "@oddflow/preprocessing";
import { replaceMetadata } from "./replace-metadata.ts";
import { sha256Of } from "./sha256.ts";

/** The metadata that holds a file's signature. */
export const SIGNATURE_KEY = "oddflow.signature";

/** So that a signature for a model is one for nothing else that is signed with the same key. */
const PURPOSE = "oddflow model 1\n";

const ALGORITHM = "Ed25519";
const SIGNATURE_BYTES = 64;

/** A signature as a model file holds it. */
export interface ModelSignature {
  /** As `keyIdOf` gives it. */
  readonly keyId: string;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** How a public key is called: the SHA-256 of its SubjectPublicKeyInfo in DER, in hexadecimal digits. */
export function keyIdOf(publicKey: Uint8Array): string {
  return sha256Of([publicKey]);
}

/** What is signed: the purpose, and the 32 bytes of the model's digest (hexadecimal, as `modelDigest` gives it). */
export function signedMessage(digest: string): Uint8Array {
  return Uint8Array.of(...new TextEncoder().encode(PURPOSE), ...hexToBytes(digest));
}

/** The same file with a signature as its last entry, in place of one that it had. */
export function addSignature(model: Uint8Array, { keyId, signature }: ModelSignature): Uint8Array {
  const text = JSON.stringify({
    algorithm: ALGORITHM,
    keyId,
    signature: btoa(String.fromCharCode(...signature)),
  });
  return replaceMetadata(model, new Map([[SIGNATURE_KEY, text]]));
}

/**
 * A model's signature; undefined where it has none. Whether it is right is not known yet.
 * @throws OddflowError MODEL_INVALID when it is no signature.
 */
export function readSignature(metadata: ReadonlyMap<string, string>): ModelSignature | undefined {
  const text = metadata.get(SIGNATURE_KEY);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const { algorithm, keyId, signature }: Record<string, unknown> = { ...Object(value) };
    const bytes = Uint8Array.from(atob(String(signature)), (character) => character.charCodeAt(0));
    if (
      algorithm === ALGORITHM &&
      typeof keyId === "string" &&
      /^[0-9a-f]{64}$/.test(keyId) &&
      bytes.length === SIGNATURE_BYTES
    ) {
      return { keyId, signature: bytes };
    }
  } catch {
    // Said below: text that is no JSON and JSON that is no signature are the same fault to the reader.
  }
  throw new OddflowError(
    "MODEL_INVALID",
    `read model: "${SIGNATURE_KEY}" is no signature; the file is damaged`,
  );
}
