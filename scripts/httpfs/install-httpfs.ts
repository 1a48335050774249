import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fetchFromWheel, type Wheel } from "../wheels/fetch-wheel.ts";
import { StepError } from "../wheels/run-step.ts";

/** Of DuckDB and so of its extension: one is for the other's version alone. */
export const DUCKDB_VERSION = "1.5.5";

/** DuckDB's name of a machine, and the wheel of PyPI's for it, by Node's names. */
const WHEELS: Readonly<Record<string, { readonly machine: string } & Pick<Wheel, "platform" | "sha256">>> = {
  "linux x64": {
    machine: "linux_amd64",
    platform: "manylinux2014_x86_64",
    sha256: "84913dbe172ccb54368de2c4a020c38ca8b0e76f99df548f7fac37934cc7826f",
  },
  "linux arm64": {
    machine: "linux_arm64",
    platform: "manylinux2014_aarch64",
    sha256: "567d17e398fc29f7ea4bc42ea277ea19643bd1ad1815f676cb6dd994b50399bb",
  },
  "darwin arm64": {
    machine: "osx_arm64",
    platform: "macosx_11_0_arm64",
    sha256: "a6d9b245ac83834543354e826020b35b8dba16291bb876b2b00bd49f2c6aeb9d",
  },
  "darwin x64": {
    machine: "osx_amd64",
    platform: "macosx_11_0_x86_64",
    sha256: "5dc6e48e7a6d4c775d88fcd9b6529b385559600c0cd17a2600addfdd34ae3060",
  },
  "win32 x64": {
    machine: "windows_amd64",
    platform: "win_amd64",
    sha256: "138fd4368906c04636642023c123bd564d1bd1b9b75cd762f9f9bfad6fccb1ba",
  },
};

/** Megabytes: the wheel, and what is kept of it. */
export const MEGABYTES = { download: 7, kept: 22 } as const;

/**
 * Puts DuckDB's extension httpfs where DuckDB's own INSTALL would, by pip, unless it is there.
 * @param home the folder of the user whose DuckDB is to have it
 * @returns the extension's file
 * @throws StepError where it cannot be had
 */
export async function installHttpfs(home: string): Promise<string> {
  const wheel = WHEELS[`${process.platform} ${process.arch}`];
  if (wheel === undefined) {
    throw new StepError(
      "find httpfs",
      `there is no wheel with it for ${process.platform} ${process.arch}; INSTALL httpfs in DuckDB ${DUCKDB_VERSION} gets it`,
    );
  }
  const folder = join(home, ".duckdb", "extensions", `v${DUCKDB_VERSION}`, wheel.machine);
  const file = join(folder, "httpfs.duckdb_extension");
  if (existsSync(file)) return file;
  mkdirSync(dirname(folder), { recursive: true });
  const staging = mkdtempSync(`${folder}-`);
  try {
    const requirement = `duckdb-extension-httpfs==${DUCKDB_VERSION}`;
    const member = `duckdb_extension_httpfs/extensions/v${DUCKDB_VERSION}/httpfs.duckdb_extension`;
    const { platform, sha256 } = wheel;
    const name = "httpfs.duckdb_extension";
    await fetchFromWheel(
      "httpfs",
      { requirement, python: "3.11", platform, sha256 },
      [[member, name]],
      staging,
    );
    mkdirSync(folder, { recursive: true });
    renameSync(join(staging, name), file);
    return file;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
