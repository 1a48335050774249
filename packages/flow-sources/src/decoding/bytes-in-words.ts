/** Bytes to look for, four at a time: one by one takes three times as long. */
export interface BytesInWords {
  readonly length: number;
  /** Four bytes each, the first lowest; the last word begins four bytes before the end. With fewer bytes, a byte each. */
  readonly words: Int32Array;
}

const WORD = 4;

export function bytesInWords(bytes: Uint8Array): BytesInWords {
  const { length } = bytes;
  if (length < WORD) return { length, words: Int32Array.from(bytes) };
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const words = new Int32Array(Math.ceil(length / WORD));
  for (let k = 0; k < words.length; k++) words[k] = view.getInt32(Math.min(k * WORD, length - WORD), true);
  return { length, words };
}

/** Whether the bytes stand at `from`, behind which there are as many at least. */
export function areAt(view: DataView, from: number, { length, words }: BytesInWords): boolean {
  if (length < WORD) {
    for (let k = 0; k < length; k++) if (view.getUint8(from + k) !== words[k]) return false;
    return true;
  }
  const last = words.length - 1;
  for (let k = 0; k < last; k++) if (view.getInt32(from + k * WORD, true) !== words[k]) return false;
  return view.getInt32(from + length - WORD, true) === words[last];
}
