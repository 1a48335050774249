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
 * SHA-256 of chunks as if they were one, in hexadecimal digits. By Node's crypto where it is there, which takes a model of
 * 1.6 MB in a millisecond; by a library elsewhere: a browser has a hash on secure origins only, and none that answers at once.
 */
export function sha256Of(chunks: Iterable<Uint8Array>): string {
  const { process } = globalThis as Host;
  const hash = process?.getBuiltinModule?.("node:crypto")?.createHash("sha256");
  if (hash !== undefined) {
    for (const chunk of chunks) hash.update(chunk);
    return hash.digest("hex");
  }
  const own = sha256.create();
  for (const chunk of chunks) own.update(chunk);
  return bytesToHex(own.digest());
}
