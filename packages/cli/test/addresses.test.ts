import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type FileServer, startFileServer } from "./file-server.ts";
import { FLOWS, MODEL, type RunOptions, run, temporaryFolder } from "./run-cli.ts";

/*
 * What is said where flows at addresses cannot be read. That they are read where DuckDB's extension is, is held by scripts/object-stores.
 */

const folder = temporaryFolder();
const home = join(folder, "home");
mkdirSync(home);
const server: FileServer = await startFileServer();

/** Somebody without the extension, whose object stores are the test's server. */
const options: RunOptions = {
  cwd: folder,
  env: { HOME: home, AWS_ENDPOINT_URL: server.url, AWS_SECRET_ACCESS_KEY: "a-secret-of-mine" },
};

afterEach(() => {
  expect(server.ranges, "nothing was asked for").toEqual([]);
  expect(readdirSync(folder), "nothing was written").toEqual(["home"]);
});

const OUT = ["-o", "out.onnx"];

const RULES = join(temporaryFolder(), "rules.json");
writeFileSync(RULES, '{"rules":[]}');

test.each([
  ["score-batch", ["s3://lake/flows/*.parquet"]],
  ["score-batch", [FLOWS, "gs://lake/flows.parquet"]],
  ["oddflow", ["score", `${server.url}/flows.csv`]],
  ["oddflow", ["train", "s3://lake/flows.parquet", ...OUT]],
  ["oddflow", ["evaluate", "https://example.com/flows.csv", "-m", MODEL]],
  ["oddflow", ["evaluate", FLOWS, "--train", "s3://lake/flows.parquet"]],
  ["oddflow", ["compare", MODEL, MODEL, "s3://lake/flows.parquet"]],
  ["oddflow", ["drift", MODEL, "s3://lake/flows.parquet"]],
  ["oddflow", ["recalibrate", MODEL, "s3://lake/flows.parquet", ...OUT]],
  ["oddflow", ["hosts", "s3://lake/scored.parquet"]],
  ["oddflow", ["rules", "test", RULES, "s3://lake/scored.parquet"]],
  ["oddflow", ["rules", "apply", "s3://lake/scored.parquet", "--rules", RULES]],
  ["oddflow", ["inspect", MODEL, "--budgets", "s3://lake/flows.parquet"]],
  ["oddflow", ["shard", "plan", "s3://lake/flows.parquet", "-o", "out.parquet"]],
] as const)("without the extension %s %j says in one line what is lacking", async (command, args) => {
  const { status, stderr, stdout } = await run(command, args, options);
  expect(stderr).toMatch(
    /DuckDB's extension httpfs reads addresses, and there is no .*httpfs\.duckdb_extension/,
  );
  expect(stderr).toContain("install-httpfs");
  expect([stderr.trimEnd().split("\n").length, stdout, status]).toEqual([1, "", 2]);
  expect(readdirSync(home), "DuckDB's folder was not made").toEqual([]);
});

test.each([
  ["another scheme", ["hdfs://lake/flows.parquet"], /files are fetched from s3:.* not from hdfs:/],
  ["a ? in a bucket", ["s3://lake/day-?.parquet"], /a \? begins settings of httpfs's/],
  ["a * on a web server", ["https://example.com/*.csv"], /name each one instead of a \*/],
  ["a log that is far away", ["--follow", "s3://lake/conn.log"], /--follow goes with a log on this machine/],
  [
    "an output that is far away",
    [FLOWS, "-o", "s3://lake/scored.parquet"],
    /--out s3:.*only files on this machine/,
  ],
  [
    "a key in the address",
    ["hdfs://me:a-secret-of-mine@lake/f.csv?key=a-secret-of-mine"],
    /read hdfs:\/\/lake\/f\.csv\?\.\.\.:/,
  ],
])("%s is refused in one line", async (_, args, message) => {
  const { status, stderr } = await run("score-batch", args, options);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain("a-secret-of-mine");
  expect([stderr.trimEnd().split("\n").length, status]).toEqual([1, 2]);
});

test("scored flows that are far away are not written in place", async () => {
  const args = ["rules", "apply", "s3://lake/scored.parquet", "--rules", RULES, "--in-place"];
  const { status, stderr } = await run("oddflow", args, options);
  expect(stderr).toMatch(
    /--in-place: s3:\/\/lake\/scored\.parquet is an address, and only files on this machine/,
  );
  expect(status).toBe(2);
});

test("a file that is no extension is said to be none, here and by doctor", async () => {
  const { stdout } = await run("oddflow", ["doctor", "--json"], options);
  const { httpfs } = JSON.parse(stdout) as {
    readonly httpfs: { readonly available: boolean; readonly file: string };
  };
  expect(httpfs.available).toBe(false);
  expect(dirname(dirname(dirname(dirname(dirname(httpfs.file)))))).toBe(home);
  mkdirSync(dirname(httpfs.file), { recursive: true });
  writeFileSync(httpfs.file, "no extension");
  const { status, stderr } = await run("score-batch", ["s3://lake/flows.parquet"], options);
  expect(stderr).toMatch(/httpfs reads addresses, and .*not a DuckDB extension/);
  expect([stderr.trimEnd().split("\n").length, status]).toEqual([1, 2]);
  expect((await run("oddflow", ["doctor"], options)).stdout).toMatch(
    /httpfs +no {2}.*not a DuckDB extension/,
  );
});
