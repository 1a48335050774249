import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const store = join(root, "node_modules", ".pnpm");

const lockfile = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");
const isLocked = (name: string): boolean =>
  lockfile.includes(`\n  ${name}:`) || lockfile.includes(`\n  '${name}':`);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What an installed package wants one of: its binaries for each platform, mostly. */
function optionalDependencies(folder: string): string[] {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return [];
  const {
    name,
    version,
    optionalDependencies: wanted = {},
  }: Manifest = JSON.parse(readFileSync(path, "utf8"));
  // pnpm leaves those of former versions where they are for a while.
  if (!isLocked(`${name}@${version}`)) return [];
  return Object.entries(wanted).flatMap(([wantedName, range]) =>
    /^\d/.test(range) ? [`${wantedName}@${range}`] : [],
  );
}

/** The packages in the store, each in its own folder beside links to what it depends on. */
function installedPackages(): string[] {
  return readdirSync(store, { withFileTypes: true }).flatMap((entry) => {
    const modules = join(store, entry.name, "node_modules");
    if (!entry.isDirectory() || !existsSync(modules)) return [];
    return readdirSync(modules, { withFileTypes: true }).flatMap((inside) =>
      inside.name.startsWith("@")
        ? readdirSync(join(modules, inside.name)).map((name) => join(modules, inside.name, name))
        : [join(modules, inside.name)],
    );
  });
}

test("the lockfile has every platform's binaries, not only those of the machine that wrote it", () => {
  const wanted = [...new Set(installedPackages().flatMap(optionalDependencies))];
  expect(wanted.filter((name) => name.startsWith("@duckdb/node-bindings-")).length).toBeGreaterThan(4);
  expect(wanted.filter((name) => !isLocked(name))).toEqual([]);
});
