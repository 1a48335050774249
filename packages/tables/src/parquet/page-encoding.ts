import { int32, struct } from "./thrift-values.ts";
import { writeThriftStruct } from "./thrift-writer.ts";

/*
 * Pages of a Parquet column.
 * Source: github.com/apache/parquet-format, README.md (data pages), Encodings.md, src/main/thrift/parquet.thrift
 */

export const ENCODING = { plain: 0, levels: 3, dictionary: 8 } as const;

const PAGE_TYPE = { data: 0, dictionary: 2 };

/** A page as it stands in the file: its header, and what it holds. */
export interface Page {
  readonly bytes: Uint8Array;
  /** The size of header and content before the content was compressed. */
  readonly uncompressedBytes: number;
}

/** @param values how many, nulls and empty lists included */
export function dataPage(
  values: number,
  encoding: number,
  content: Uint8Array,
  compress: (content: Uint8Array) => Uint8Array = (same) => same,
): Page {
  const header = struct({
    1: int32(values),
    2: int32(encoding),
    3: int32(ENCODING.levels),
    4: int32(ENCODING.levels),
  });
  return page(PAGE_TYPE.data, 5, header, content, compress(content));
}

/** The texts that pages with indexes into them stand for. */
export function dictionaryPage(texts: readonly string[]): Page {
  const content = plainTexts(texts);
  const header = struct({ 1: int32(texts.length), 2: int32(ENCODING.plain) });
  return page(PAGE_TYPE.dictionary, 7, header, content, content);
}

function page(
  type: number,
  field: number,
  header: ReturnType<typeof struct>,
  content: Uint8Array,
  compressed: Uint8Array,
): Page {
  const head = writeThriftStruct(
    struct({ 1: int32(type), 2: int32(content.length), 3: int32(compressed.length), [field]: header }),
  );
  return {
    bytes: Buffer.concat([head, compressed]),
    uncompressedBytes: head.length + content.length,
  };
}

/** Texts of any length: 4 bytes of length, then UTF-8. */
export function plainTexts(texts: readonly string[]): Uint8Array {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text, "utf8");
      return [lengthBytes(bytes.length), bytes];
    }),
  );
}

/** Bits, the first in the lowest place; the last byte is filled up with zeros. */
export function plainBits(bits: Uint8Array): Uint8Array {
  return packedBits(bits, 1);
}

/** The levels of a page whose values are all at the same level, which is above 0 and below 256. */
export function sameLevels(level: number, count: number): Uint8Array {
  const run = Buffer.concat([varint(2 * count), Uint8Array.of(level)]);
  return Buffer.concat([lengthBytes(run.length), run]);
}

/** The levels of a page, each below 2 to the power of `width`. */
export function packedLevels(levels: Uint8Array, width: number): Uint8Array {
  const run = packedRun(levels, width);
  return Buffer.concat([lengthBytes(run.length), run]);
}

/** Indexes into a dictionary, all of its first text. */
export function sameIndexes(count: number): Uint8Array {
  return Buffer.concat([Uint8Array.of(1), varint(2 * count), Uint8Array.of(0)]);
}

/** Indexes into a dictionary of so many texts. */
export function dictionaryIndexes(indexes: Uint16Array, texts: number): Uint8Array {
  const width = Math.max(1, Math.ceil(Math.log2(texts)));
  return Buffer.concat([Uint8Array.of(width), packedRun(indexes, width)]);
}

/** One run of bit-packed values of the hybrid encoding, filled up with zeros to a multiple of eight. */
function packedRun(values: Uint8Array | Uint16Array, width: number): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  return groups === 0 ? new Uint8Array() : Buffer.concat([varint(2 * groups + 1), packedBits(values, width)]);
}

/** Values of up to 16 bits, the first in the lowest bits, in whole groups of eight values. */
function packedBits(values: Uint8Array | Uint16Array, width: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 8) * width);
  let waiting = 0;
  let bits = 0;
  let at = 0;
  for (const value of values) {
    waiting |= value << bits;
    bits += width;
    for (; bits >= 8; bits -= 8) {
      packed[at++] = waiting & 0xff;
      waiting >>>= 8;
    }
  }
  if (bits > 0) packed[at] = waiting;
  return packed;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.of(...bytes, rest);
    bytes.push((rest % 128) + 128);
  }
}

function lengthBytes(length: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}
