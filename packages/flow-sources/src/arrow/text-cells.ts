import { hashOf } from "../decoding/ascii-words.ts";
import { decodeText } from "../decoding/decode-text.ts";
import { MetTexts } from "../decoding/met-texts.ts";
import { ArrowFault } from "./arrow-schema.ts";
import type { Offsets } from "./arrow-types.ts";
import type { ArrowArray } from "./record-batch.ts";

/** Bytes of a view, and of a text that stands in its view. */
const VIEW = { bytes: 16, inside: 12, prefix: 4, buffer: 8, offset: 12 } as const;
/** Buffers before those that views point into. */
const VIEW_BUFFERS = 2;

const HIGHEST_ASCII = 127;

/** The texts of a column, found by their bytes. */
export class TextCells {
  /** Where the text of the row that was gone to lies. */
  bytes: Uint8Array = new Uint8Array();
  start = 0;
  end = 0;
  readonly #met = new MetTexts();
  readonly #find: (row: number) => void;

  constructor(array: ArrowArray, offsets: Offsets) {
    this.#find = offsets === "view" ? this.#byViews(array) : this.#byOffsets(array, offsets);
  }

  /** @throws ArrowFault where the row's text is not in its buffer */
  goTo(row: number): void {
    this.#find(row);
    if (!(this.start >= 0 && this.start <= this.end && this.end <= this.bytes.length)) {
      throw new ArrowFault("it is damaged: a text is not in its buffer");
    }
  }

  /** The text of the row that was gone to. */
  text(): string {
    const { bytes, start, end } = this;
    for (let i = start; i < end; i++) {
      if ((bytes[i] as number) > HIGHEST_ASCII) return decodeText(bytes.subarray(start, end));
    }
    return this.#met.text(bytes, start, end, hashOf(bytes, start, end));
  }

  #byOffsets({ buffers, firstBuffer, length }: ArrowArray, bits: 32 | 64): (row: number) => void {
    if (length === 0) return () => undefined;
    this.bytes = buffers.bytes(firstBuffer + 2);
    if (bits === 32) {
      const offsets = buffers.numbers(Int32Array, firstBuffer + 1, length + 1);
      return (row) => {
        this.start = offsets[row] as number;
        this.end = offsets[row + 1] as number;
      };
    }
    const offsets = buffers.numbers(BigInt64Array, firstBuffer + 1, length + 1);
    return (row) => {
      this.start = Number(offsets[row]);
      this.end = Number(offsets[row + 1]);
    };
  }

  #byViews({ buffers, firstBuffer, length }: ArrowArray): (row: number) => void {
    const views = buffers.numbers(Uint8Array, firstBuffer + 1, length * VIEW.bytes);
    const view = new DataView(views.buffer, views.byteOffset, views.length);
    return (row) => {
      const at = row * VIEW.bytes;
      const bytes = view.getInt32(at, true);
      if (bytes <= VIEW.inside) {
        this.bytes = views;
        this.start = at + VIEW.prefix;
      } else {
        this.bytes = buffers.bytes(firstBuffer + VIEW_BUFFERS + view.getInt32(at + VIEW.buffer, true));
        this.start = view.getInt32(at + VIEW.offset, true);
      }
      this.end = this.start + bytes;
    };
  }
}
