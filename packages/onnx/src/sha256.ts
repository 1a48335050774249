import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

interface Hash {
  update(bytes: Uint8Array): Hash;
  digest(encoding: "hex"): string;
}

/** What Node, Deno and Bun offer to code that runs elsewhere too. */
interface Host {
  readonly process?: {
    getBuiltinModule?(name: "node:crypto"): { createHash(algorithm: "sha256"): Hash } | undefined;
  };
}

/**
 * SHA-256 of parts as if they were one, in hexadecimal digits. By Node's crypto where it is there, which takes a model of
 * 1.6 MB in a millisecond; by a library elsewhere: a browser has a hash on secure origins only, and none that answers at once.
 */
export function sha256Of(parts: Iterable<Uint8Array>): string {
  const { process } = globalThis as Host;
  const hash = process?.getBuiltinModule?.("node:crypto")?.createHash("sha256");
  if (hash !== undefined) {
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  }
  const own = sha256.create();
  for (const part of parts) own.update(part);
  return bytesToHex(own.digest());
}
