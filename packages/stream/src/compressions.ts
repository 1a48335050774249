import { compressionsAlgorithms } from "@platformatic/kafka";
import { decompress as decompressZstd } from "fzstd";

/** How snappy-java frames blocks, as Kafka's clients for Java write them: the magic, two versions, then blocks with their length before them. */
const FRAMES = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const FRAMES_HEAD = 16;
const LENGTH_BYTES = 4;

let areAdded = false;

type Decompress = (data: Buffer) => Buffer;

/**
 * Has the client read batches that it cannot by itself: snappy in snappy-java's frames, and zstd where Node has none.
 * Others are read as they were.
 */
export function addCompressions(): void {
  if (areAdded) return;
  areAdded = true;
  const { snappy, zstd } = compressionsAlgorithms;
  const readBlock = snappy.decompressSync as Decompress;
  replace(snappy, (data) => (isFramed(data) ? unframed(data, readBlock) : readBlock(data)));
  if (!zstd.available) replace(zstd, (data) => Buffer.from(decompressZstd(data)));
}

function replace(algorithm: object, decompressSync: Decompress): void {
  Object.assign(algorithm, { decompressSync, available: true });
}

function isFramed(data: Buffer): boolean {
  return data.length >= FRAMES_HEAD && data.subarray(0, FRAMES.length).equals(FRAMES);
}

function unframed(data: Buffer, readBlock: Decompress): Buffer {
  const blocks: Buffer[] = [];
  for (let at = FRAMES_HEAD; at < data.length; ) {
    const end = at + LENGTH_BYTES + data.readUInt32BE(at);
    blocks.push(readBlock(data.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  return Buffer.concat(blocks);
}
