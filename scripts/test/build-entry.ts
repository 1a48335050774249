import { join } from "node:path";
import { build, type Rolldown } from "vite";

/** What a bundler makes of an entry of a package, as an edge service would ship it. */
export interface BuiltEntry {
  readonly chunks: readonly Rolldown.OutputChunk[];
  readonly assets: readonly Rolldown.OutputAsset[];
}

/** Builds a file of a package's sources with Vite, in memory. */
export async function buildEntry(source: string, file: string): Promise<BuiltEntry> {
  const built = (await build({
    root: source,
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@oddflow/source"] },
    build: {
      write: false,
      target: "esnext",
      modulePreload: false,
      rolldownOptions: { input: join(source, file), preserveEntrySignatures: "strict" },
    },
  })) as Rolldown.RolldownOutput;
  return {
    chunks: built.output.filter((part) => part.type === "chunk"),
    assets: built.output.filter((part) => part.type === "asset"),
  };
}
