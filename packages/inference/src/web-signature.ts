/// <reference lib="dom" />
import { OddflowError } from "@oddflow/preprocessing";
import type { VerifySignature } from "./model-trust.ts";

/**
 * WebCrypto's.
 * @throws OddflowError PROVIDER_UNAVAILABLE where the host has none, or none that knows Ed25519
 */
export const verifySignature: VerifySignature = async (publicKey, message, signature) => {
  // Not on pages from an insecure origin.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  let key: CryptoKey;
  try {
    if (subtle === undefined) throw new Error("there is no crypto.subtle");
    key = await subtle.importKey("spki", publicKey.slice(), { name: "Ed25519" }, false, ["verify"]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OddflowError(
      "PROVIDER_UNAVAILABLE",
      `open model: this host cannot check signatures: ${reason}; it needs WebCrypto with Ed25519, on a page of a secure origin`,
      { cause },
    );
  }
  return subtle.verify({ name: "Ed25519" }, key, signature.slice(), message.slice());
};
