import { createRequire } from "node:module";

/** This package's version. By itself yargs tells that of the project it is installed in. */
export function packageVersion(): string {
  const manifest: { readonly version: string } = createRequire(import.meta.url)("../package.json");
  return manifest.version;
}
