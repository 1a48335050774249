import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { CheckOptions } from "./checks.ts";
import { finished } from "./oddflow.ts";
import { HUGE_BYTES, type WebServer } from "./web-server.ts";

const SECRET = "a-secret-of-mine";

/** What cannot be had ends with one line that holds no secret, and leaves nothing. */
export async function checkRefusals({ oddflow, model, bucket, web, onFault }: CheckOptions): Promise<void> {
  const { bavail, bsize } = statfsSync(tmpdir());
  const tooMany = Array.from(
    { length: Math.ceil((bavail * bsize) / HUGE_BYTES) + 1 },
    (_, k) => `${web}/huge/${k}.csv`,
  );
  const stolen = { AWS_SECRET_ACCESS_KEY: SECRET, GS_SECRET_ACCESS_KEY: SECRET };
  const cases: readonly (readonly [
    args: readonly string[],
    said: RegExp,
    environment?: NodeJS.ProcessEnv,
  ])[] = [
    [[`${bucket}/lake/**/*.parquet`], /the server says 403; look at AWS_ACCESS_KEY_ID/, stolen],
    [[`${bucket}/text/flows.csv`], /the server says 403; look at AWS_ACCESS_KEY_ID/, stolen],
    [
      [`${bucket.replace("s3:", "gs:")}/text/flows.csv`],
      /the server says 403; look at GS_ACCESS_KEY_ID/,
      stolen,
    ],
    [[`${bucket}/text/none.csv`], /there is no such file .*404/],
    [[`${bucket}/text/none-*.csv`], /no file matches/],
    [["s3://nobodys/*.csv"], /40[34]/],
    [[`${web}/none.csv?key=${SECRET}`], /there is no such file .*404/],
    [[`${web}/refused/flows.csv?key=${SECRET}`], /the server does not give it/],
    [[`http://me:${SECRET}@127.0.0.1:1/flows.csv?key=${SECRET}`], /cannot be had .*connect/i],
    [tooMany, /has room for .* GB; free some/],
    [[`${web}/text/flows.csv`, "--from", "parquet"], /read as Parquet|no Parquet|cannot be read/],
  ];
  for (const [args, said, environment] of cases) {
    const { status, stderr } = await oddflow.run(
      ["score", ...args, "-m", model, "-o", "none.csv"],
      environment,
    );
    const lines = stderr
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("fetched  "));
    const name = args[0] ?? "";
    if (status !== 3 || lines.length !== 1 || !said.test(stderr))
      onFault(`${name}: ended with ${status}: ${stderr}`);
    else if (stderr.includes(SECRET)) onFault(`${name}: a secret was printed: ${stderr}`);
    else if (stderr.includes("oddflow-spill")) onFault(`${name}: a copy was named: ${stderr}`);
    else console.log(`  ok      ${lines[0]}`);
  }
}

/** An end in the middle of it leaves nothing; where there was no time for that, the next run removes it. */
export async function checkEnds(
  { oddflow, model, web, folder, onFault }: CheckOptions,
  server: WebServer,
): Promise<void> {
  const temporary = join(folder, "temporary");
  mkdirSync(temporary);
  const environment = { TMPDIR: temporary };
  const left = (): readonly string[] => readdirSync(temporary);
  for (const [signal, files] of [
    ["SIGTERM", 0],
    ["SIGKILL", 1],
  ] as const) {
    const before = server.asked.length;
    const child = oddflow.start(
      ["score", `${web}/text/flows.csv`, `${web}/slow/flows.csv`, "-m", model],
      environment,
    );
    const end = finished(child);
    // The first file has come, and the second has been asked for its bytes.
    while (
      server.asked.slice(before).filter((path) => path.startsWith("/slow/")).length < 2 &&
      child.exitCode === null
    )
      await pause(20);
    if (left().length === 0) onFault(`${signal}: no copy was there to remove`);
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const { status, stderr } = await end;
    if (left().length !== files) onFault(`${signal}: ${left().length} folders were left, not ${files}`);
    else if (signal === "SIGTERM" && status !== 130) onFault(`${signal}: ended with ${status}: ${stderr}`);
    else console.log(`  ok      ${signal} in the middle of it`);
  }
  await oddflow.run(["score", `${web}/text/flows.csv`, "-m", model, "-o", "after.csv"], environment);
  if (left().length > 0) onFault(`what a killed run had fetched is still there: ${left().join(", ")}`);
  else console.log("  ok      the next run removes what a killed one left");
}

/** A file that has changed since a plan is refused. */
export async function checkChange({ oddflow, model, web, lake, onFault }: CheckOptions): Promise<void> {
  const plan = [
    "shard",
    "plan",
    `${web}/small/0.parquet`,
    "-m",
    model,
    "-o",
    "changed.parquet",
    "--plan",
    "changed.json",
  ];
  const planned = await oddflow.run(plan);
  if (planned.status !== 0)
    return onFault(`${plan.join(" ")} ended with ${planned.status}: ${planned.stderr}`);
  const { stderr: none } = await oddflow.run([
    "shard",
    "plan",
    `${web}/small/0.parquet?key=${SECRET}`,
    "-o",
    "x.parquet",
    "--plan",
    "x.json",
  ]);
  if (!/the plan would hold/.test(none)) onFault(`a plan with a key was made: ${none}`);
  rmSync(join(lake, "small/0.parquet"));
  writeFileSync(join(lake, "small/0.parquet"), await (await fetch(`${web}/small/1.parquet`)).bytes());
  const { status, stderr } = await oddflow.run(["shard", "run", "changed.json", "0"]);
  if (status !== 3 || !/small\/0\.parquet was changed since the plan was made/.test(stderr))
    onFault(`a changed file: ended with ${status}: ${stderr}`);
  else console.log("  ok      a file that was changed since the plan is refused");
}
