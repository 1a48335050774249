import { dirname } from "node:path";
import { NOTICES_FILE } from "../bundling/third-party-notices.ts";
import { runProgram } from "../programs/run-program.ts";
import type { Tarball } from "./pack.ts";

/** Where rolldown says of which file what follows is: `// node_modules/.pnpm/pbf@5.1.2/node_modules/pbf/index.js`. */
const ORIGIN = /^\/\/ node_modules\/\S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm;

/** What onnxruntime's own libraries are made of, by the files that name it. */
const ONNXRUNTIME_NOTICES = /(^|\/)(ThirdPartyNotices|onnxruntime-notices)\.txt$/;

/** @returns which code of others is packed without a word of whose it is */
export function checkNotices({ file }: Tarball): string[] {
  const tar = (...parameters: string[]): string => runProgram("tar", parameters, dirname(file));
  const files = tar("-tzf", file).trim().split("\n");
  const complaints: string[] = [];
  for (const folder of ["package/bundle/", "package/dist/page/"]) {
    const scripts = files.filter((name) => name.startsWith(folder) && name.endsWith(".js"));
    if (scripts.length === 0) continue;
    const code = tar("-xzOf", file, ...scripts);
    // A page is minified, and says of nothing where it is from; it is known to be made of others' code.
    const isMinified = folder.endsWith("/page/");
    const packages = new Set([...code.matchAll(ORIGIN)].map(([, name = ""]) => name));
    if (packages.size === 0 && !isMinified) continue;
    const notices = `${folder}${NOTICES_FILE}`;
    if (!files.includes(notices)) {
      complaints.push(`it has no ${notices}, and others' code`);
      continue;
    }
    const text = tar("-xzOf", file, notices);
    for (const name of packages)
      if (!text.includes(`\n${name}@`))
        complaints.push(`${notices} does not name ${name}, whose code is there`);
    if (!/^\S+@\d+\.\d+\.\d+\S* \(/m.test(text)) complaints.push(`${notices} names no package`);
  }
  if (files.some((name) => name.endsWith(".wasm")) && !files.some((name) => ONNXRUNTIME_NOTICES.test(name)))
    complaints.push("it has onnxruntime's WebAssembly without the notices of what that is made of");
  return complaints;
}
