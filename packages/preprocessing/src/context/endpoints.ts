import { SlotTable } from "./slot-table.ts";

/** Who talks to whom: a code a flow, from 0. In each list equal codes mean equal values. */
export interface Endpoints {
  readonly source: Uint32Array;
  readonly destination: Uint32Array;
  /** The responder's port and protocol, where one of them is known. */
  readonly service?: Uint32Array;
}

/** Those of two tables' flows, one table's behind the other's: a host of the one is none of the other's. */
export function joinEndpoints(first: Endpoints, second: Endpoints): Endpoints {
  const join = (one: Uint32Array, other: Uint32Array): Uint32Array => {
    const codes = one.reduce((most, code) => Math.max(most, code + 1), 0);
    const joined = new Uint32Array(one.length + other.length);
    joined.set(one);
    for (const [i, code] of other.entries()) joined[one.length + i] = codes + code;
    return joined;
  };
  const service = first.service && second.service && join(first.service, second.service);
  return {
    source: join(first.source, second.source),
    destination: join(first.destination, second.destination),
    ...(service ? { service } : {}),
  };
}

/**
 * Numbers keys by their first appearance, from 0: equal keys have equal codes.
 * @param keys two halves a key
 */
export function keyCodes(keys: Uint32Array): Uint32Array {
  const count = keys.length / 2;
  const table = new SlotTable(0, count);
  const codes = new Uint32Array(count);
  for (let i = 0; i < count; i++) codes[i] = table.take(keys[2 * i] as number, keys[2 * i + 1] as number);
  return codes;
}
