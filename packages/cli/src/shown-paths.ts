/** Where copies of files are from, by their paths. */
const addresses = new Map<string, string>();

/** Has copies called by the addresses that they are from. */
export function showAddresses(copies: readonly { readonly path: string; readonly address: string }[]): void {
  for (const { path, address } of copies) addresses.set(path, address);
}

/** A file's path as people are told it: of a copy the address that it is from. */
export function shownPath(path: string): string {
  return addresses.get(path) ?? path;
}

/** A message, which may name copies. */
export function shownText(text: string): string {
  let shown = text;
  // Of two names one may begin as the other does.
  const paths = [...addresses.keys()].sort((a, b) => b.length - a.length);
  for (const path of paths) shown = shown.replaceAll(path, addresses.get(path) ?? path);
  return shown;
}
