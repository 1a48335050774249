/**
 * Makes pages of all that packages export, in `out/api`: they load nothing from elsewhere and open as files. Exits with 1 where a link
 * leads nowhere, or a package exports something that no docstring describes. Build with `pnpm compile` first.
 */
import { rmSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, type DeclarationReflection, TSConfigReader } from "typedoc";
import { publicEntries } from "../api/public-entries.ts";

// The compiled script lies in scripts/dist/api-pages.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = `${root}out/api`;
const entries = publicEntries(root).map(({ packageName, folder, name, declarations }) => ({
  packageName,
  imported: name === "index" ? packageName : `${packageName}/${name}`,
  path: `${folder}/${declarations}`,
}));

const app = await Application.bootstrap(
  {
    name: "Oddflow",
    entryPoints: entries.map(({ path }) => path),
    tsconfig: `${root}scripts/api-pages/tsconfig.json`,
    readme: "none",
    hideGenerator: true,
    // There is no public address that lines of the sources could be linked to.
    disableSources: true,
    excludePrivate: true,
    validation: { invalidLink: true, notDocumented: false, notExported: false },
    logLevel: "Warn",
  },
  [new TSConfigReader()],
);
const project = await app.convert();
if (project === undefined) throw new Error("typedoc: the declarations cannot be read; run `pnpm compile`");
let exported = 0;
for (const module of project.children ?? []) {
  const entry = entries.find(({ path }) => moduleName(path) === module.name);
  if (entry === undefined) throw new Error(`typedoc: ${module.name} is the module of no entry`);
  module.name = entry.imported;
  const own = (module.children ?? []).filter((each) => !each.isReference() && isOurs(each));
  exported += own.length;
  for (const { name } of own.filter((each) => !isDescribed(each)))
    app.logger.warn(`${entry.imported} exports ${name}, which no docstring describes`);
}
app.validate(project);
rmSync(pages, { recursive: true, force: true });
await app.generateDocs(project, pages);
console.log(`${relative(root, pages)}/index.html: ${entries.length} entries, ${exported} exports`);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;

/** What typedoc calls the module of a file: its path from the folder on that all have in common. */
function moduleName(path: string): string {
  return relative(`${root}packages`, path).replace(/(\/index)?\.d\.ts$/, "");
}

/** Whether it is declared in a package of this repository, and no library's. */
function isOurs(each: DeclarationReflection): boolean {
  return each.project.getSymbolIdFromReflection(each)?.packageName.startsWith("@oddflow/") === true;
}

function isDescribed(each: DeclarationReflection): boolean {
  return each.hasComment() || (each.signatures ?? []).some((signature) => signature.hasComment());
}
