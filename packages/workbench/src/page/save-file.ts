let release = (): void => undefined;

/** Lets go of the file that was saved last. */
export function releaseSaved(): void {
  release();
}

/** Hands a file to the browser, which saves it under its name. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  release = () => URL.revokeObjectURL(url);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of the blob by the next turn; a minute is for slow ones.
  setTimeout(release, 60_000);
}
