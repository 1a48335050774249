import { mutateBytes } from "./byte-mutations.ts";
import type { Choices } from "./seeded-choices.ts";

const TAIL_BYTES = 8;
const MOST_EDITS = 3;

/** A run of a footer's bytes: a whole number, or the first byte of a field or a list, which holds its type. */
interface FooterPart {
  readonly kind: "number" | "type";
  readonly start: number;
  readonly end: number;
}

/** Numbers at and beyond the ends of what 8, 16, 32 and 64 bits hold. */
const ODD_NUMBERS: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, 127n, 128n, 255n, 65_535n, 65_536n, 1_000_000n],
  ...[31n, 32n, 40n, 53n, 62n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, -(2n ** bits)]),
  2n ** 63n - 1n,
  -(2n ** 63n),
];

/** A copy of a Parquet file: half of them with other numbers or types in the footer, the others with other bytes. */
export function mutateParquet(file: Uint8Array, choices: Choices): Buffer {
  return choices.below(2) === 0 ? mutateBytes(file, choices) : mutateFooter(Buffer.from(file), choices);
}

function mutateFooter(file: Buffer, choices: Choices): Buffer {
  const end = file.length - TAIL_BYTES;
  const start = end - file.readUInt32LE(end);
  let footer = file.subarray(start, end);
  for (let edits = 1 + choices.below(MOST_EDITS); edits > 0; edits--) {
    const part = choices.of(footerParts(footer));
    const changed =
      part.kind === "number"
        ? varint(zigzag(choices.of(ODD_NUMBERS)))
        : Buffer.of((footer[part.start] as number) ^ (1 << choices.below(8)));
    footer = Buffer.concat([footer.subarray(0, part.start), changed, footer.subarray(part.end)]);
  }
  const tail = Buffer.from(file.subarray(end));
  tail.writeUInt32LE(footer.length, 0);
  return Buffer.concat([file.subarray(0, start), footer, tail]);
}

/**
 * Where the numbers and types of a footer lie, as far as it can be followed: later edits work on what earlier ones made.
 * (Apache Thrift, "Thrift compact protocol encoding".)
 */
function footerParts(footer: Buffer): FooterPart[] {
  const parts: FooterPart[] = [{ kind: "type", start: 0, end: 1 }];
  let at = 0;
  const skipVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < footer.length && shift < 70n; shift += 7n) {
      const byte = footer[at++] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    return value;
  };
  const number = (): void => {
    const start = at;
    skipVarint();
    parts.push({ kind: "number", start, end: at });
  };
  const list = (): void => {
    const start = at;
    const head = footer[at++] as number;
    parts.push({ kind: "type", start, end: at });
    const short = head >> 4;
    const count = short === 15 ? Number(skipVarint()) : short;
    for (let item = 0; item < count && at < footer.length; item++) value(head & 15);
  };
  const struct = (): void => {
    while (at < footer.length) {
      const start = at;
      const head = footer[at++] as number;
      if (head === 0) return;
      parts.push({ kind: "type", start, end: at });
      if (head >> 4 === 0) skipVarint();
      const type = head & 15;
      // Truth values are in the type.
      if (type > 2) value(type);
    }
  };
  const value = (type: number): void => {
    if (type <= 3) at += 1;
    else if (type <= 6) number();
    else if (type === 7) at += 8;
    else if (type === 8) at += Number(skipVarint());
    else if (type === 9 || type === 10) list();
    else if (type === 12) struct();
    else at = footer.length;
  };
  struct();
  return parts.filter(({ end }) => end <= footer.length);
}

function zigzag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
