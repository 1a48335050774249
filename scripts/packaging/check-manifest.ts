import { dirname } from "node:path";
import { runProgram } from "../programs/run-program.ts";
import type { Tarball } from "./pack.ts";

/** What every package says of itself, as it is packed. */
interface PackedManifest {
  readonly license?: string;
  readonly description?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: { readonly node?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const RUN_BY_INSTALLERS = ["preinstall", "install", "postinstall"];

/** What else belongs in no package: tests, what the compiler keeps for itself, sources of a page or a command. */
const UNWANTED = /(^|\/)(tests?|fixtures)\/|\.test\.|\.tsbuildinfo$|tsconfig.*\.json$/;

/** @returns what is wrong with a tarball's own manifest and its list of files */
export function checkManifest({ file }: Tarball): string[] {
  const tar = (...parameters: string[]): string => runProgram("tar", parameters, dirname(file));
  const manifest: PackedManifest = JSON.parse(tar("-xzOf", file, "package/package.json"));
  const files = tar("-tzf", file)
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
  const versions = Object.entries({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  });
  const expected: readonly (readonly [is: boolean, complaint: string])[] = [
    [manifest.license === "MIT", "its license is not MIT"],
    [Boolean(manifest.description), "it has no description"],
    [manifest.type === "module", "it is no ES module"],
    [manifest.sideEffects === false, "it does not say that its modules have no side effects"],
    [/^>=20\.\d+/.test(manifest.engines?.node ?? ""), "it does not say which Node it needs"],
    [manifest.publishConfig?.access === "public", "it would be published for its owners alone"],
    [manifest.publishConfig?.provenance === true, "it would be published without provenance"],
    ...RUN_BY_INSTALLERS.map(
      (name) => [manifest.scripts?.[name] === undefined, `it has a script "${name}"`] as const,
    ),
    ...["LICENSE", "README.md"].map((name) => [files.includes(name), `it has no ${name}`] as const),
  ];
  return [
    ...expected.filter(([is]) => !is).map(([, complaint]) => complaint),
    ...versions
      .filter(([, range]) => !EXACT.test(range))
      .map(([name, range]) => `${name} is ${range}, no exact version`),
    ...files.filter((name) => UNWANTED.test(name)).map((name) => `${name} is packed`),
  ];
}
