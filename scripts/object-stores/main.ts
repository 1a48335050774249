/**
 * Holds commands that read flows at s3://, gs:// and http:// to what they make of the same files here, with a server of S3's words on loopback that
 * looks at signatures, and a web server. Exits with 1 where they differ. Where DuckDB's extension or the server cannot be had, it says so and
 * does nothing.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installHttpfs } from "../httpfs/install-httpfs.ts";
import { PythonPackages } from "../programs/python-packages.ts";
import { MOTO, startBucket } from "./bucket.ts";
import { checkCertificates } from "./certificates.ts";
import { checkSameResults, checkShards } from "./checks.ts";
import { makeLake } from "./make-lake.ts";
import { Oddflow } from "./oddflow.ts";
import { checkChange, checkEnds, checkRefusals } from "./refusals.ts";
import { startWebServer } from "./web-server.ts";

// The compiled script lies in scripts/dist/object-stores.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "oddflow", "object-stores");
/** Where the extension lies, so that the user's own DuckDB stays as it is. */
const home = join(cache, "home");
const python = new PythonPackages(cache, MOTO);

const missing = await prepare();
if (missing !== undefined)
  console.log(`object stores: SKIPPED, what they need cannot be had here: ${missing}`);
else if ((await check()) > 0) process.exitCode = 1;

/** What cannot be had; undefined where all is there. */
async function prepare(): Promise<string | undefined> {
  try {
    mkdirSync(home, { recursive: true });
    await installHttpfs(home);
    python.install();
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.trim().split("\n").at(-1);
  }
}

/** How many faults there are. */
async function check(): Promise<number> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "oddflow-object-stores-"));
  const lake = join(folder, "bucket");
  let faults = 0;
  try {
    await makeLake(join(root, "fixtures", "flows.parquet"), lake);
    const bucket = await startBucket(python, join(root, "scripts", "object-stores"), lake, "flows");
    const server = await startWebServer(lake);
    try {
      const oddflow = new Oddflow(root, folder, { ...process.env, HOME: home, ...bucket.environment });
      const options = {
        oddflow,
        model: join(root, "fixtures", "unsw-nb15.onnx"),
        lake,
        bucket: "s3://flows",
        web: server.url,
        folder,
        onFault(fault: string) {
          faults++;
          console.log(`  FAULT   ${fault}`);
        },
      };
      await checkSameResults(options);
      await checkShards(options);
      await checkRefusals(options);
      await checkEnds(options, server);
      await checkChange(options);
      await checkCertificates(options);
    } finally {
      server.close();
      bucket.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `object stores: ${faults === 0 ? "what is fetched is what is here" : `${faults} faults`}, ${seconds} s`,
  );
  return faults;
}
