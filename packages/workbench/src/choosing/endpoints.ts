/** Cells that stand in one column of the table of flows: places among the identifiers, of one end or of both. */
export interface EndpointColumn {
  readonly heading: string;
  readonly ends: readonly (readonly number[])[];
}

const SOURCE = /^s(ip|rc|addr|port)|src|source|orig|client/i;
const TARGET = /^d(ip|st|addr|port)|^dsport|dst|dest|resp|server/i;

/** Both ends stand together, each an address and a port, where the names tell them apart. */
export function endpointColumns(identifiers: readonly string[]): EndpointColumn[] {
  const placesOf = (end: RegExp): number[] =>
    identifiers.flatMap((name, place) => (end.test(name) ? [place] : []));
  const [source, target] = [placesOf(SOURCE), placesOf(TARGET)];
  if (source.length > 0 && target.length > 0 && source.length + target.length === identifiers.length) {
    return [{ heading: "from, to", ends: [source, target] }];
  }
  return identifiers.map((heading, place) => ({ heading, ends: [[place]] }));
}

/** An address and what belongs to it as one text; an IPv6 address is set apart from its port. */
export function endpointText(cells: readonly string[]): string {
  const [address = "", ...rest] = cells.filter((cell) => cell !== "");
  if (rest.length === 0) return address;
  return `${address.includes(":") ? `[${address}]` : address}:${rest.join(":")}`;
}
