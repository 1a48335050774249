import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const NULL = "-";
const LINES_A_PIECE = 2000;

/** A record as Kafka has it. */
export interface KafkaRecord {
  /** Where it goes; null where its key says it. */
  readonly partition: number | null;
  readonly key: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
  /** Null in a tombstone. */
  readonly value: Buffer | null;
}

/** One that was read. */
export interface ReadRecord extends KafkaRecord {
  readonly partition: number;
  readonly offset: number;
}

/** Writes records into a file for KafkaClient.java. */
export async function writeRecordFile(path: string, records: Iterable<KafkaRecord>): Promise<void> {
  function* pieces(): Generator<string> {
    let lines: string[] = [];
    for (const record of records) {
      lines.push(lineOf(record));
      if (lines.length === LINES_A_PIECE) {
        yield lines.join("");
        lines = [];
      }
    }
    yield lines.join("");
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path));
}

/** Reads a file that KafkaClient.java wrote. */
export async function* readRecordFile(path: string): AsyncGenerator<ReadRecord> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [partition = "", key = "", headers = "", value = "", offset = ""] = line.split("\t");
    yield {
      partition: Number(partition),
      offset: Number(offset),
      key: decode(key),
      headers:
        headers === ""
          ? []
          : headers.split(",").map((header) => {
              const [name = "", content = ""] = header.split(":");
              return [decode(name)?.toString() ?? "", decode(content)] as const;
            }),
      value: decode(value),
    };
  }
}

function lineOf({ partition, key, headers, value }: KafkaRecord): string {
  const named = headers.map(([name, content]) => `${encode(Buffer.from(name))}:${encode(content)}`);
  return `${[partition ?? NULL, encode(key), named.join(","), encode(value)].join("\t")}\n`;
}

function encode(bytes: Buffer | null): string {
  return bytes?.toString("base64") ?? NULL;
}

function decode(text: string): Buffer | null {
  return text === NULL ? null : Buffer.from(text, "base64");
}
