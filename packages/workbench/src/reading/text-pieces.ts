import { LONGEST_LINE, type RecordFramer, ZstdUnpacking } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";

function zstdStream(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const unpacking = new ZstdUnpacking();
  const enqueue = (
    pieces: readonly Uint8Array[],
    controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): void => {
    for (const piece of pieces) controller.enqueue(piece as Uint8Array<ArrayBuffer>);
  };
  return new TransformStream({
    transform: (piece, controller) => enqueue(unpacking.feed(piece), controller),
    flush: (controller) => enqueue(unpacking.end(), controller),
  });
}

/** A file of text, piece by piece, unpacked. */
export interface TextFile {
  /** What messages call it. */
  readonly name: string;
  bytes(): AsyncIterable<Uint8Array>;
}

/** The bytes of a record, and the line on which it begins, from 1. They hold until the next are asked for. */
export interface FramedRecord {
  readonly bytes: Uint8Array;
  readonly line: number;
}

/**
 * A file's text. Files whose name ends in .gz or .zst are unpacked.
 * @param onRead is told how many of the file's bytes have been taken
 */
export function textFile(
  file: Blob,
  name: string,
  onRead: (bytes: number) => void = () => undefined,
): TextFile {
  return {
    name,
    async *bytes() {
      let bytes = 0;
      const counted = file.stream().pipeThrough(
        new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
          transform(piece, controller) {
            bytes += piece.length;
            onRead(bytes);
            controller.enqueue(piece as Uint8Array<ArrayBuffer>);
          },
        }),
      );
      const plain = /\.gz$/i.test(name)
        ? counted.pipeThrough(new DecompressionStream("gzip"))
        : /\.zst$/i.test(name)
          ? counted.pipeThrough(zstdStream())
          : counted;
      const reader = plain.getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read().catch((cause: unknown) => {
            throw unreadableText(name, cause);
          });
          if (done) return;
          yield value;
        }
      } finally {
        await reader.cancel().catch(() => undefined);
      }
    },
  };
}

/**
 * The records of a file, those that end in one piece of it at a time.
 * @throws OddflowError TABLE_UNREADABLE, with the line, for one that is too long, and for what is no list where a list began
 */
export async function* framedRecords(
  file: TextFile,
  framer: RecordFramer,
): AsyncGenerator<readonly FramedRecord[]> {
  for await (const piece of file.bytes()) {
    framer.feed(piece);
    yield nextRecords(file, framer);
  }
  framer.close();
  yield nextRecords(file, framer);
}

function nextRecords({ name }: TextFile, framer: RecordFramer): FramedRecord[] {
  const records: FramedRecord[] = [];
  for (let step = framer.next(); step !== "wait"; step = framer.next()) {
    const { number: line } = framer;
    if (step === "too long") {
      throw unreadable(name, `line ${line} is longer than ${LONGEST_LINE} bytes; expected one flow a line`);
    }
    if (step === "broken") throw unreadable(name, `line ${line}: ${framer.problem}; correct it`);
    records.push({ bytes: framer.bytes.subarray(framer.start, framer.end), line });
  }
  return records;
}

function unreadableText(name: string, cause: unknown): OddflowError {
  const packing = /\.(gz|zst)$/i.exec(name)?.[1]?.toLowerCase();
  const reason = packing
    ? `it is no ${packing === "gz" ? "gzip" : "zstd"} data, cut short, or something stands behind it; get it again, or unpack it first`
    : `${cause instanceof Error ? cause.message : cause}; get it again`;
  return unreadable(name, reason, cause);
}

function unreadable(name: string, problem: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${name} cannot be read: ${problem}`,
    cause === undefined ? {} : { cause },
  );
}
