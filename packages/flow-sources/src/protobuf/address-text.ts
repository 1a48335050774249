/** An IP address as text, IPv6 by RFC 5952; undefined for bytes that are none. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return undefined;
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = Array.from({ length: 8 }, (_, k) => 256 * (bytes[2 * k] ?? 0) + (bytes[2 * k + 1] ?? 0));
  const gap = longestZeros(groups);
  const text = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(":");
  if (gap.length < 2) return text(groups);
  return `${text(groups.slice(0, gap.first))}::${text(groups.slice(gap.first + gap.length))}`;
}

/** The network that an address is in; undefined where there is none. @param bits of the address that name it */
export function networkText(address: Uint8Array, bits: number): string | undefined {
  if (bits > 8 * address.length) return undefined;
  const network = address.map((byte, k) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * k))));
  const text = addressText(network);
  return text === undefined ? undefined : `${text}/${bits}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): { readonly first: number; readonly length: number } {
  let longest = { first: 0, length: 0 };
  for (let first = 0; first < groups.length; first++) {
    let length = 0;
    while (groups[first + length] === 0) length++;
    if (length > longest.length) longest = { first, length };
  }
  return longest;
}
