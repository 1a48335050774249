import { OddflowError } from "../errors.ts";
import type { ContextFlow } from "./context-flow.ts";
import { type ContextSpec, parseContextSpec } from "./context-spec.ts";
import { KeyHash } from "./key-hash.ts";

/** What a state has met. */
export interface ContextCounts {
  /** Flows that left because there were too many, not because of their age. */
  evicted: number;
  /** Flows that came later than the longest window. */
  tooLate: number;
  /** How often it began anew, since time had been set back. */
  restarts: number;
  /** Flows without a time, a source or a destination. */
  unplaced: number;
}

/** Flows as they are saved, in the order of their arrival; a place of each list for a flow, `KEY_HALVES` of them in `keys`. */
export interface SavedFlows {
  /** When each counts to have begun, in microseconds since 1970. */
  readonly time: Float64Array;
  readonly keys: Uint32Array;
  readonly bytes: Float32Array;
  readonly packets: Float32Array;
  readonly failed: Uint8Array;
}

/** Of a flow's source, destination and service port, the lower half first. */
export const KEY_HALVES = 6;

/** All that it takes to go on where a state was. */
export interface SavedContext {
  readonly spec: ContextSpec;
  /** What the keys were made with. */
  readonly hashKey: readonly [number, number];
  /** The latest flow's time; null where there was none. */
  readonly now: number | null;
  readonly tooLateInARow: number;
  readonly counts: Readonly<ContextCounts>;
  readonly flows: SavedFlows;
}

/** The version of the form that `encodeSavedContext` writes and `decodeSavedContext` reads. */
const VERSION = 1;

/** The letters ODFC, the version, the length of the JSON, that of all, and a check sum: numbers of 32 bits, little-endian. */
const MAGIC = 0x4346444f;
const HEAD_BYTES = 20;
const [AT_VERSION, AT_JSON, AT_LENGTH, AT_SUM] = [4, 8, 12, 16];

/** A saved context as bytes: what is not of a flow as JSON, then the flows, a list after the other. */
export function encodeSavedContext({ flows, ...rest }: SavedContext): Uint8Array {
  const count = flows.time.length;
  // Escaped, so that a character is a byte.
  const json = JSON.stringify({ ...rest, count }).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const parts = listsOf(flows).map((list) => new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
  const length = parts.reduce((sum, part) => sum + part.length, HEAD_BYTES + json.length);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < json.length; i++) bytes[HEAD_BYTES + i] = json.charCodeAt(i);
  let at = HEAD_BYTES + json.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  view.setUint32(0, MAGIC, true);
  view.setUint32(AT_VERSION, VERSION, true);
  view.setUint32(AT_JSON, json.length, true);
  view.setUint32(AT_LENGTH, length, true);
  view.setUint32(AT_SUM, checkSum(bytes), true);
  return bytes;
}

/**
 * Reads what `encodeSavedContext` wrote.
 * @throws OddflowError CONTEXT_INVALID when it is no saved context, is damaged, or another version wrote it
 */
export function decodeSavedContext(bytes: Uint8Array): SavedContext {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw refused("it holds none; name the file that it was saved in, or begin without it");
  }
  const version = view.getUint32(AT_VERSION, true);
  if (version !== VERSION) {
    throw refused(
      `version ${version} found, ${VERSION} expected; use the Oddflow release that wrote it, or begin without it`,
    );
  }
  const isWhole = view.getUint32(AT_LENGTH, true) === bytes.length;
  if (!isWhole || view.getUint32(AT_SUM, true) !== checkSum(bytes)) {
    throw refused("the file is damaged; begin without it");
  }
  const jsonEnd = HEAD_BYTES + view.getUint32(AT_JSON, true);
  const { count, spec, ...rest } = JSON.parse(
    Array.from(bytes.subarray(HEAD_BYTES, jsonEnd), (byte) => String.fromCharCode(byte)).join(""),
  );
  const flows: SavedFlows = emptyFlows(count);
  let at = jsonEnd;
  for (const list of listsOf(flows)) {
    new Uint8Array(list.buffer).set(bytes.subarray(at, at + list.byteLength));
    at += list.byteLength;
  }
  return { ...rest, spec: parseContextSpec(spec), flows };
}

/** Room for so many flows. */
export function emptyFlows(count: number): SavedFlows {
  return {
    time: new Float64Array(count),
    keys: new Uint32Array(KEY_HALVES * count),
    bytes: new Float32Array(count),
    packets: new Float32Array(count),
    failed: new Uint8Array(count),
  };
}

/** One of them, its time in seconds. */
export function savedFlow({ time, keys, bytes, packets, failed }: SavedFlows, index: number): ContextFlow {
  const half = (k: number): number => keys[index * KEY_HALVES + k] as number;
  return {
    time: (time[index] as number) / 1e6,
    sourceLow: half(0),
    sourceHigh: half(1),
    destinationLow: half(2),
    destinationHigh: half(3),
    portLow: half(4),
    portHigh: half(5),
    bytes: bytes[index] as number,
    packets: packets[index] as number,
    failed: failed[index] === 1,
  };
}

function listsOf({ time, keys, bytes, packets, failed }: SavedFlows) {
  return [time, keys, bytes, packets, failed] as const;
}

/** Of all bytes but its own. */
function checkSum(bytes: Uint8Array): number {
  const copy = bytes.slice();
  copy.fill(0, AT_SUM, AT_SUM + 4);
  const hash = new KeyHash([0, 0]);
  hash.ofBytes(copy, copy.length);
  return hash.low;
}

function refused(why: string): OddflowError {
  return new OddflowError("CONTEXT_INVALID", `restore context: ${why}`);
}
