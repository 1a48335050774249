/**
 * Gives DuckDB its extension httpfs, with which flows are read from s3://, gs:// and https://, where DuckDB's own INSTALL cannot download it:
 * from the wheel `duckdb-extension-httpfs` of the same version, through pip. Build with `tsc -b scripts`, then run
 * `node scripts/dist/install-httpfs.js`.
 */
import { homedir } from "node:os";
import { DUCKDB_VERSION, installHttpfs, MEGABYTES } from "./httpfs/install-httpfs.ts";

try {
  console.log(
    `httpfs for DuckDB ${DUCKDB_VERSION} from PyPI (${MEGABYTES.download} MB to download, ${MEGABYTES.kept} MB are kept)`,
  );
  console.log(`it is ${await installHttpfs(homedir())}; "oddflow doctor" tells whether it can be loaded`);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`install-httpfs: ${message.replaceAll("\n", " ")}`);
  process.exitCode = 1;
}
