import { canonicalHost } from "./host-name.ts";

/**
 * Whether a service answers to the host that a request names.
 * @param authority a host with or without a port, as a Host header or a URL has it
 * @param localAddress where the connection came in
 */
export type HostCheck = (authority: string, localAddress?: string) => boolean;

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|(?:.+\.)?localhost)$/;

/**
 * Against DNS rebinding: a page of a stranger's, whose name has come to stand for this machine's address, is to the browser
 * of the same origin as the service and may read all of its answers, but its requests still have the stranger's name. A
 * service without a token therefore answers to names and addresses of its own only: loopback's (`localhost` and what ends
 * in it, RFC 6761), the address that the connection came in on, and `names`.
 * @throws RangeError for what is no host's name or address, or has a port
 */
export function createHostCheck(names: readonly string[]): HostCheck {
  const known = new Set(
    names.map((name) => {
      const host = canonicalHost(name);
      if (host === undefined) {
        throw new RangeError(`"${name}" is no host; expected a name or an address, without a port`);
      }
      return host;
    }),
  );
  return (authority, localAddress) => {
    const host = canonicalHost(authority.replace(/:\d*$/, ""));
    if (host === undefined) return false;
    if (LOOPBACK.test(host) || known.has(host)) return true;
    return localAddress !== undefined && canonicalHost(localAddress) === host;
  };
}
