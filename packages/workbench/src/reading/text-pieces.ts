import { OddflowError } from "@oddflow/preprocessing";

/** A file as text, piece by piece, and how much of it has been read. */
export interface TextFile {
  /** What messages call it. */
  readonly name: string;
  /** Pieces of text, cut anywhere but within a character. */
  pieces(): AsyncIterable<string>;
}

/**
 * A file's text. Files whose name ends in .gz are unpacked.
 * @param onRead is told how many of the file's bytes have been taken
 */
export function textFile(
  file: Blob,
  name: string,
  onRead: (bytes: number) => void = () => undefined,
): TextFile {
  return {
    name,
    async *pieces() {
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
      const plain = /\.gz$/i.test(name) ? counted.pipeThrough(new DecompressionStream("gzip")) : counted;
      const reader = plain.getReader();
      const decoder = new TextDecoder("utf-8", { fatal: true });
      try {
        for (;;) {
          const { done, value } = await reader.read();
          const text = decoder.decode(value, { stream: !done });
          if (text !== "") yield text;
          if (done) return;
        }
      } catch (cause) {
        throw unreadableText(name, cause);
      } finally {
        await reader.cancel().catch(() => undefined);
      }
    },
  };
}

/** The lines of a text, without their ends, each with its number from 1. */
export async function* textLines(
  pieces: AsyncIterable<string>,
): AsyncGenerator<{ readonly line: string; readonly number: number }> {
  let rest = "";
  let number = 0;
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield { line: withoutReturn(line), number: ++number };
  }
  if (rest !== "") yield { line: withoutReturn(rest), number: ++number };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function unreadableText(name: string, cause: unknown): unknown {
  if (cause instanceof OddflowError) return cause;
  const reason = /\.gz$/i.test(name)
    ? "it is no whole gzip file; get it again"
    : cause instanceof TypeError
      ? "it is not UTF-8 text; convert it first"
      : `${cause instanceof Error ? cause.message : cause}; get it again`;
  return new OddflowError("TABLE_UNREADABLE", `open table: ${name} cannot be read: ${reason}`, { cause });
}
