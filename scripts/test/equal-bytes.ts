import { expect } from "vitest";

/*
 * `toEqual` looks at arrays of numbers value by value, at half a megabyte for more than a second. Two of one kind that hold the
 * same bytes are equal, whatever they are; of all others it decides as before.
 */
function haveSameBytes(a: unknown, b: unknown): true | undefined {
  if (!(ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) || a.byteLength !== b.byteLength) return undefined;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return undefined;
  return bytesOf(a).equals(bytesOf(b)) ? true : undefined;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

// Files that share a process share what `expect` knows, too.
const IS_KNOWN = Symbol.for("oddflow.equal-bytes");
if (!Reflect.has(globalThis, IS_KNOWN)) {
  Reflect.set(globalThis, IS_KNOWN, true);
  expect.addEqualityTesters([haveSameBytes]);
}
