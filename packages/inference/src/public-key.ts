import { OddflowError } from "@oddflow/preprocessing";

/** What a SubjectPublicKeyInfo of Ed25519 begins with (RFC 8410); the key's 32 bytes follow. */
const PREFIX: readonly number[] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const KEY_BYTES = 32;

const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]*)-----END PUBLIC KEY-----/g;

/**
 * The Ed25519 public keys of a PEM text, each as the DER of its SubjectPublicKeyInfo, 44 bytes; one or more.
 * @throws OddflowError KEY_INVALID
 */
export function readPublicKeys(pem: string): Uint8Array[] {
  const keys = [...pem.matchAll(PUBLIC_KEY)].map(([, base64 = ""]) => decode(base64));
  if (keys.length > 0) return keys;
  const found = pem.includes("PRIVATE KEY-----") ? "a private key" : "no public key";
  throw invalid(`${found} found`);
}

function decode(base64: string): Uint8Array {
  let der: Uint8Array;
  try {
    der = Uint8Array.from(atob(base64.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw invalid("its base64 is damaged", cause);
  }
  if (der.length === PREFIX.length + KEY_BYTES && PREFIX.every((byte, i) => der[i] === byte)) return der;
  throw invalid("a public key of another kind found");
}

function invalid(found: string, cause?: unknown): OddflowError {
  const message =
    `read key: ${found}; expected an Ed25519 public key in PEM, as ` +
    "`openssl pkey -in private.pem -pubout` writes it";
  return new OddflowError("KEY_INVALID", message, cause === undefined ? {} : { cause });
}
