/** A file of an export: where it goes within its folder, and what is in it. */
export interface ExportedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}
