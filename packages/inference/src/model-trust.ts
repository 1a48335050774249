import { keyIdOf, type ModelSummary, readSignature, signedMessage } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import { readPublicKeys } from "./public-key.ts";

/** Whether an Ed25519 signature of a message is right. `publicKey` is the DER of a SubjectPublicKeyInfo. */
export type VerifySignature = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => Promise<boolean>;

/**
 * Makes sure that a model was signed with one of the given keys, and says with which (`keyIdOf`).
 * @param pem one or more Ed25519 public keys in PEM
 * @throws OddflowError KEY_INVALID; MODEL_UNTRUSTED where the model has no signature, one of another key, or a wrong one
 */
export async function checkTrust(
  summary: ModelSummary,
  pem: string,
  verify: VerifySignature,
): Promise<string> {
  const keys = new Map(readPublicKeys(pem).map((key) => [keyIdOf(key), key]));
  const signature = readSignature(summary.metadata);
  if (signature === undefined) throw untrusted("it is not signed");
  const key = keys.get(signature.keyId);
  if (key === undefined) throw untrusted(`it is signed with another key, ${signature.keyId}`);
  if (await verify(key, signedMessage(summary.digest), signature.signature)) return signature.keyId;
  throw untrusted("its signature is not that of these bytes");
}

function untrusted(found: string): OddflowError {
  return new OddflowError(
    "MODEL_UNTRUSTED",
    `read model: ${found}; expected a model that a trusted key has signed: have its owner sign it with \`oddflow sign\``,
  );
}
