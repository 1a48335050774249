/*
 * Addresses of IPv4 and IPv6 as texts. An IPv4 address is the IPv6 one that stands for it (RFC 4291, 2.5.5.2), so that
 * "::ffff:10.0.0.1" and "10.0.0.1" are one.
 */

/** Eight groups of 16 bits. */
export type Address = readonly number[];

const MAPPED: Address = [0, 0, 0, 0, 0, 0xffff];
const GROUPS = 8;
const GROUP_BITS = 16;
const MAPPED_BITS = 96;

/** The longest text: eight groups, a zone and some more. */
const LONGEST = 64;

const V4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

/** The address that a text is; undefined for any other text. What stands behind a % is an interface's name, and no part of it. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > LONGEST) return undefined;
  if (!text.includes(":")) {
    const low = parseV4(text);
    return low && [...MAPPED, ...low];
  }
  const [address = "", zone] = text.split("%", 2);
  return zone === "" ? undefined : parseV6(address);
}

function parseV4(text: string): Address | undefined {
  const parts = V4.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  return [a * 256 + b, c * 256 + d];
}

function parseV6(text: string): Address | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [first, last] = halves.map((half, k) => groupsOf(half, k === halves.length - 1));
  if (first === undefined) return undefined;
  if (halves.length === 1) return first.length === GROUPS ? first : undefined;
  if (last === undefined || first.length + last.length >= GROUPS) return undefined;
  return [...first, ...new Array<number>(GROUPS - first.length - last.length).fill(0), ...last];
}

/** @param isLast whether an IPv4 address may end it */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [k, part] of parts.entries()) {
    const low = isLast && k === parts.length - 1 ? parseV4(part) : undefined;
    if (low !== undefined) groups.push(...low);
    else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** A text that is the same for all ways to write an address. */
export function addressKey(address: Address): string {
  return address.map((group) => group.toString(16)).join(":");
}

/** The addresses that have their first bits in common. */
export interface Network {
  readonly address: Address;
  /** Of 128. */
  readonly bits: number;
}

/** `ADDRESS/BITS`; undefined for any other text. The bits behind the first ones may be anything. */
export function parseNetwork(text: string): Network | undefined {
  const [, own = "", digits = ""] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(own);
  if (address === undefined) return undefined;
  const isV4 = !own.includes(":");
  const bits = Number(digits);
  if (bits > (isV4 ? 32 : GROUPS * GROUP_BITS)) return undefined;
  return { address, bits: isV4 ? MAPPED_BITS + bits : bits };
}

/** Whether a network has an address. One of IPv6 has none of IPv4, but for what stands for these: ::/0 is all of IPv6. */
export function hasAddress({ address, bits }: Network, other: Address): boolean {
  if (bits < MAPPED_BITS && isMapped(other)) return false;
  for (let k = 0, rest = bits; rest > 0; k++, rest -= GROUP_BITS) {
    const shift = Math.max(0, GROUP_BITS - rest);
    if ((address[k] as number) >> shift !== (other[k] as number) >> shift) return false;
  }
  return true;
}

function isMapped(address: Address): boolean {
  return MAPPED.every((group, k) => address[k] === group);
}
