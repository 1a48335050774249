/**
 * A hash of a text's UTF-16 code units, 0 to 2^32 - 1: FNV-1a with MurmurHash3's finalizer behind it, so that all its bits depend on
 * all of the text. Not for secrets.
 * @param seed gives another hash
 */
export function textHash(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 16 hexadecimal digits that stand for a text. */
export function textDigest(text: string): string {
  return [0x811c9dc5, 0x2545f491].map((seed) => textHash(text, seed).toString(16).padStart(8, "0")).join("");
}
