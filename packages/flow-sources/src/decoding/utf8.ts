/** Every runtime has it (WHATWG Encoding), but no type library that this package is compiled with. */
declare const TextDecoder: new (
  label: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes; undefined where they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What 0x80 to 0x9f are in Windows-1252; some runtimes' decoders take them for control characters (WHATWG Encoding, index). */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** The letter that a byte is in Windows-1252. */
export function letterOfWindows1252(byte: number): string {
  return byte >= 0x80 && byte < 0xa0 ? (WINDOWS_1252[byte - 0x80] as string) : String.fromCharCode(byte);
}
