import { build } from "rolldown";
import { fromRoot } from "./places.ts";

/** Bundles the page's readers, and what encodes what they read, for Node: the page is no package, and built for browsers only. */
export async function bundlePageReaders(): Promise<void> {
  await build({
    input: {
      index: fromRoot("packages/workbench/src/reading/index.ts"),
      "encode-columns": fromRoot("packages/workbench/src/scoring/encode-columns.ts"),
    },
    platform: "node",
    resolve: { conditionNames: ["@oddflow/source", "import", "default"] },
    logLevel: "warn",
    output: { dir: fromRoot("scripts/dist/robustness/page"), cleanDir: true },
  });
}
