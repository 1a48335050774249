import type { Endpoints } from "@oddflow/preprocessing";

/** Fewer flows than this say nothing of a host, and no network learns them. */
const FEWEST_FLOWS = 10;
const SMALLEST_GROUP = 0.001;

/** A group is odd if more than this part of its flows is. */
const ODD_PART = 0.5;

/**
 * Judges flows by the company that they keep: odd is what hosts do that mostly do odd things, and an odd flow of two hosts that mostly
 * exchange usual ones is not. What spoils a training comes in bulk from few hosts, and nearly all of it is odd.
 *
 * For each flow the first of these groups that is large enough decides: same source and destination; same source and service; same
 * destination and service; same source; same destination. A flow of none has no bulk behind it and is usual.
 *
 * @param isOdd 1 for a flow that is odd by itself
 * @param endpoints of the same flows
 * @returns 1 for a flow that is odd by its company
 */
export function oddByCompany(isOdd: Uint8Array, endpoints: Endpoints): Uint8Array {
  const { source, destination, service } = endpoints;
  const fewest = Math.max(FEWEST_FLOWS, Math.floor(SMALLEST_GROUP * isOdd.length));
  const isOddCompany = new Uint8Array(isOdd.length);
  const isJudged = new Uint8Array(isOdd.length);
  const groupings: readonly (readonly Uint32Array[])[] = [
    [source, destination],
    ...(service === undefined ? [] : [[source, service] as const, [destination, service] as const]),
    [source],
    [destination],
  ];
  for (const lists of groupings) {
    const group = groupCodes(lists);
    const { sizes, odd } = countGroups(group, isOdd);
    for (let flow = 0; flow < isOdd.length; flow++) {
      const size = sizes[group[flow] as number] as number;
      if (isJudged[flow] === 1 || size < fewest) continue;
      isJudged[flow] = 1;
      if ((odd[group[flow] as number] as number) > ODD_PART * size) isOddCompany[flow] = 1;
    }
  }
  return isOddCompany;
}

/** One code for each combination of the lists' codes that occurs, from 0. */
export function groupCodes(lists: readonly Uint32Array[]): Uint32Array {
  const [first = new Uint32Array(), ...others] = lists;
  let codes = first;
  for (const other of others) {
    const factor = other.reduce((most, code) => Math.max(most, code), 0) + 1;
    const known = new Map<number, number>();
    codes = codes.map((code, flow) => {
      const key = code * factor + (other[flow] as number);
      const found = known.get(key) ?? known.size;
      known.set(key, found);
      return found;
    });
  }
  return codes;
}

function countGroups(group: Uint32Array, isOdd: Uint8Array): { sizes: Uint32Array; odd: Uint32Array } {
  const groups = group.reduce((most, code) => Math.max(most, code), 0) + 1;
  const sizes = new Uint32Array(groups);
  const odd = new Uint32Array(groups);
  group.forEach((code, flow) => {
    sizes[code] = (sizes[code] as number) + 1;
    odd[code] = (odd[code] as number) + (isOdd[flow] as number);
  });
  return { sizes, odd };
}

/** Of some rows, in their order. */
export function pickEndpoints({ source, destination, service }: Endpoints, rows: Uint32Array): Endpoints {
  const pick = (codes: Uint32Array): Uint32Array => rows.map((row) => codes[row] as number);
  const ofService = service === undefined ? {} : { service: pick(service) };
  return { source: pick(source), destination: pick(destination), ...ofService };
}
