/** Every runtime has it (WHATWG Encoding), but no type library that this package is compiled with. */
declare const TextEncoder: new () => {
  encodeInto(text: string, into: Uint8Array): { readonly written: number };
};

const encoder = new TextEncoder();

const FIRST_BYTES = 1 << 16;

/** Fewer bytes are faster copied one by one than by a call. */
const COPIED_ONE_BY_ONE = 64;

/** A code unit has three bytes of UTF-8 at most. */
const MOST_OF_A_UNIT = 3;

/** Bytes that are written one behind the other, in one buffer that is used again. */
export class WrittenBytes {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  length = 0;

  copy(bytes: Uint8Array, start: number, end: number): void {
    this.#makeRoom(end - start);
    const written = this.bytes;
    let length = this.length;
    if (end - start <= COPIED_ONE_BY_ONE) {
      for (let i = start; i < end; i++) written[length++] = bytes[i] as number;
    } else {
      written.set(bytes.subarray(start, end), length);
      length += end - start;
    }
    this.length = length;
  }

  putByte(byte: number): void {
    this.#makeRoom(1);
    this.bytes[this.length++] = byte;
  }

  /** @param text of ASCII, some letters */
  putAscii(text: string): void {
    this.#makeRoom(text.length);
    const { bytes } = this;
    let length = this.length;
    for (let i = 0; i < text.length; i++) bytes[length++] = text.charCodeAt(i);
    this.length = length;
  }

  putText(text: string): void {
    this.#makeRoom(MOST_OF_A_UNIT * text.length);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** All since this was called last; they hold until something is written again. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  #makeRoom(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.bytes.length) return;
    const longer = new Uint8Array(2 * needed);
    longer.set(this.bytes.subarray(0, this.length));
    this.bytes = longer;
  }
}
