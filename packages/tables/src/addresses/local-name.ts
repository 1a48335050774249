/** File systems take names of 255 bytes. */
const LONGEST_NAME = 200;

/**
 * What the copy of a file at an address is called: as the last part of the address's path, whose end says what it holds, and nothing
 * that leads to another folder.
 */
export function localName(address: string): string {
  const [path = ""] = address.replace(/^[^/]*:\/\//, "").split("?");
  const last = path.slice(path.lastIndexOf("/") + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no name should hold them
  const letters = [...(/^https?:/i.test(address) ? decoded(last) : last).replace(/[/\\:\0-\x1f]/g, "_")];
  while (Buffer.byteLength(letters.join("")) > LONGEST_NAME) letters.shift();
  const name = letters.join("");
  return /^\.*$/.test(name) ? "flows" : name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
