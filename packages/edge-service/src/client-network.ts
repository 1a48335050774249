import { canonicalHost } from "./host-name.ts";

/**
 * What counts as one client: an IPv4 address, or the 64 bits that name an IPv6 address's network, since whoever has one
 * address there may take all others (RFC 4291, 2.5.4). What is no address stands for itself.
 */
export function clientNetwork(client: string): string {
  if (!client.includes(":")) return client;
  const address = canonicalHost(client);
  if (!address?.startsWith("[")) return address ?? client;
  const [before = "", behind] = address.slice(1, -1).split("::");
  const groups = before.split(":");
  const absent = behind === undefined ? 0 : 8 - groups.length - behind.split(":").length;
  const all = [...groups, ...new Array<string>(absent).fill("0"), ...(behind?.split(":") ?? [])];
  return `${all
    .slice(0, 4)
    .map((group) => group || "0")
    .join(":")}::/64`;
}
