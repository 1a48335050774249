import { OddflowError } from "@oddflow/preprocessing";
import type { PbfReader } from "pbf";

/*
 * Protocol Buffers, read strictly: a message is refused where two readers could take it for different things. What a file
 * of ours never holds is refused as well, so nothing in a file goes unread.
 */

const WIRE_TYPES = { integer: 0, float: 5, bytes: 2 } as const;

/** A field of a message and what takes its value. */
export interface Field {
  readonly wireType: number;
  /** Whether it may come more than once; of two values of one field, readers take the last or mix them. */
  readonly isRepeated: boolean;
  read(pbf: PbfReader): void;
}

/** The fields that a message may have, by their numbers. */
export type Fields = Readonly<Record<number, Field>>;

/** Not pbf's: a byte order mark would be dropped, and bytes that are no UTF-8 read as text of which they are not. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function integer(take: (value: number) => void): Field {
  return {
    wireType: WIRE_TYPES.integer,
    isRepeated: false,
    read: (pbf) => {
      const value = pbf.readVarint(true);
      if (!Number.isSafeInteger(value)) throw invalid("an integer is too large");
      take(value);
    },
  };
}

export function float(take: (value: number) => void): Field {
  return { wireType: WIRE_TYPES.float, isRepeated: false, read: (pbf) => take(pbf.readFloat()) };
}

/** Bytes, which stay where they are. */
export function bytes(take: (value: Uint8Array) => void): Field {
  return { wireType: WIRE_TYPES.bytes, isRepeated: false, read: (pbf) => take(readBytes(pbf)) };
}

export function text(take: (value: string) => void): Field {
  return bytes((value) => take(utf8.decode(value)));
}

/** A message within a message; `read` reads it up to its end. */
export function message(read: (pbf: PbfReader, end: number) => void): Field {
  return {
    wireType: WIRE_TYPES.bytes,
    isRepeated: false,
    read: (pbf) => {
      const length = pbf.readVarint();
      read(pbf, pbf.pos + length);
    },
  };
}

export function repeated(field: Field): Field {
  return { ...field, isRepeated: true };
}

/**
 * Reads a message whose bytes end before `end`.
 * @param what the message's name, for a person
 * @throws OddflowError MODEL_INVALID
 */
export function readMessage(pbf: PbfReader, end: number, what: string, fields: Fields): void {
  // pbf reads over the end of its bytes without a word.
  if (!(end <= pbf.length)) throw invalid("it ends too early");
  const seen = new Set<number>();
  while (pbf.pos < end) {
    const key = pbf.readVarint();
    const number = Math.floor(key / 8);
    const field = fields[number];
    if (field === undefined || field.wireType !== key % 8) {
      throw invalid(`its ${what} has a field ${number} that Oddflow does not write`);
    }
    if (!field.isRepeated && seen.has(number)) throw invalid(`its ${what} has field ${number} twice`);
    seen.add(number);
    field.read(pbf);
    if (!(pbf.pos <= end)) throw invalid("it ends too early");
  }
}

function readBytes(pbf: PbfReader): Uint8Array {
  const value = pbf.readBytes();
  if (pbf.pos > pbf.length) throw invalid("it ends too early");
  return value;
}

export function invalid(found: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "MODEL_INVALID",
    `read model: ${found}; expected an ONNX file written by \`oddflow train\``,
    cause === undefined ? undefined : { cause },
  );
}
