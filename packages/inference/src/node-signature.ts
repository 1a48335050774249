import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { parseDetectorMetadata } from "@oddflow/detector";
import { addSignature, keyIdOf, readModelSummary, signedMessage } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import { checkTrust, type VerifySignature } from "./model-trust.ts";

/** Node's own: its WebCrypto warns that Ed25519 is experimental. */
export const verifySignature: VerifySignature = async (publicKey, message, signature) => {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
  return verify(null, message, key, signature);
};

/**
 * Makes sure that a model file was signed with one of the given keys, and says with which: the SHA-256 of the key's
 * SubjectPublicKeyInfo, in hexadecimal digits.
 * @param publicKeys one or more Ed25519 public keys in PEM
 * @throws OddflowError KEY_INVALID; MODEL_UNTRUSTED; MODEL_INVALID
 */
export async function verifyModel(model: Uint8Array, publicKeys: string): Promise<string> {
  return checkTrust(readModelSummary(model), publicKeys, verifySignature);
}

/**
 * A model file with a signature, in place of one that it had, and the key's name (as `verifyModel` gives it).
 * @param privateKey an Ed25519 private key in PEM, without a passphrase
 * @throws OddflowError KEY_INVALID; what `createScorer` throws for a file that is no model
 */
export function signModel(
  model: Uint8Array,
  privateKey: string,
): { readonly model: Uint8Array; readonly keyId: string } {
  const summary = readModelSummary(model);
  parseDetectorMetadata(summary);
  const key = readPrivateKey(privateKey);
  const keyId = keyIdOf(createPublicKey(key).export({ format: "der", type: "spki" }));
  const signature = sign(null, signedMessage(summary.digest), key);
  return { model: addSignature(model, { keyId, signature }), keyId };
}

function readPrivateKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  let cause: unknown;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    cause = error;
  }
  if (key?.asymmetricKeyType === "ed25519") return key;
  const found =
    key === undefined ? "no private key that can be read" : `a private key of ${key.asymmetricKeyType}`;
  throw new OddflowError(
    "KEY_INVALID",
    `read key: ${found} found; expected an Ed25519 private key in PEM without a passphrase, as ` +
      "`openssl genpkey -algorithm ed25519` writes it",
    { cause },
  );
}
