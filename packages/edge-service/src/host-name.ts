/** A name, an IPv4 address, or an IPv6 address in brackets; nothing that a URL would take for something else. */
const HOST = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\[\]:*]+)$/i;

/**
 * A host's name or address in the one form that URLs have for it: small letters, IPv6 shortened and in brackets, an IPv4
 * address that IPv6 maps (::ffff:192.0.2.1, as a socket for both tells it) as IPv4, no dot of the root at the end.
 * @param text an IPv6 address with or without brackets, with or without the interface that it is reached by (fe80::1%eth0)
 * @returns undefined for what is no host, or has a port
 */
export function canonicalHost(text: string): string | undefined {
  const isBare = /^[^[\]]*:[^[\]]*:/.test(text);
  const host = isBare ? `[${text.replace(/%.*$/, "")}]` : text;
  if (!HOST.test(host)) return undefined;
  let hostname: string;
  try {
    ({ hostname } = new URL(`http://${host}`));
  } catch {
    return undefined;
  }
  const [, high, low] = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return hostname.replace(/\.$/, "");
  const bytes = [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((two) => [two >> 8, two & 255]);
  return bytes.join(".");
}
