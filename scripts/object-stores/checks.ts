import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Oddflow } from "./oddflow.ts";

export interface CheckOptions {
  readonly oddflow: Oddflow;
  readonly model: string;
  /** The bucket's folder here, and its address. */
  readonly lake: string;
  readonly bucket: string;
  /** A web server of the same folder. */
  readonly web: string;
  /** For outputs. */
  readonly folder: string;
  readonly onFault: (fault: string) => void;
}

/** What is read from afar is what is read here: the files that commands write, and what they print, are the same. */
export async function checkSameResults(options: CheckOptions): Promise<void> {
  const { model, bucket, lake, web } = options;
  const gs = bucket.replace("s3://", "gs://");
  const days = "lake/**/*.parquet";
  const scored = (name: string): readonly string[] => ["-m", model, "--top", "2", "-o", name];
  const cases: readonly (readonly [
    name: string,
    command: readonly string[],
    near: string,
    far: string,
    args: readonly string[],
  ])[] = [
    ["a lake in days", ["score"], join(lake, days), `${bucket}/${days}`, scored("OUT.parquet")],
    ["a lake at gs://", ["score"], join(lake, days), `${gs}/${days}`, scored("OUT.parquet")],
    [
      "small files",
      ["score"],
      join(lake, "small/*.parquet"),
      `${bucket}/small/*.parquet`,
      scored("OUT.parquet"),
    ],
    [
      "a name with brackets",
      ["score"],
      join(lake, "lake/day=2025-01-02/[1].parquet"),
      `${bucket}/lake/day=2025-01-02/[1].parquet`,
      scored("OUT.parquet"),
    ],
    ["CSV", ["score"], join(lake, "text/flows.csv"), `${bucket}/text/flows.csv`, scored("OUT.csv")],
    [
      "packed JSON lines",
      ["score"],
      join(lake, "text/flows.ndjson.gz"),
      `${bucket}/text/flows.ndjson.gz`,
      scored("OUT.ndjson"),
    ],
    [
      "a web server's CSV",
      ["score"],
      join(lake, "text/flows.csv"),
      `${web}/text/flows.csv?key=of-mine`,
      scored("OUT.csv"),
    ],
    [
      "a web server's Parquet",
      ["score"],
      join(lake, "lake/day=2025-01-01/part 0+ü.parquet"),
      `${web}/lake/day=2025-01-01/part%200+%C3%BC.parquet`,
      scored("OUT.parquet"),
    ],
    [
      "training",
      ["train"],
      join(lake, days),
      `${bucket}/${days}`,
      ["--epochs", "1", "--seed", "7", "--context", "off", "-o", "OUT.onnx"],
    ],
    [
      "recalibration",
      ["recalibrate", model],
      join(lake, days),
      `${bucket}/${days}`,
      ["--limit", "1", "-o", "OUT.onnx"],
    ],
    ["evaluation", ["evaluate"], join(lake, days), `${bucket}/${days}`, ["-m", model, "--json"]],
    ["drift", ["drift", model], join(lake, days), `${bucket}/${days}`, ["--json"]],
    ["comparison", ["compare", model, model], join(lake, days), `${bucket}/${days}`, ["--json"]],
    ["hosts", ["hosts"], join(lake, "scored.parquet"), `${bucket}/scored.parquet`, ["--json"]],
    [
      "incidents",
      ["incidents"],
      join(lake, "scored.parquet"),
      `${bucket}/scored.parquet`,
      ["-o", "OUT.ndjson"],
    ],
    ["budgets", ["inspect", model, "--budgets"], join(lake, days), `${bucket}/${days}`, ["--json"]],
    [
      "what rules do",
      ["rules", "test", "rules.json"],
      join(lake, "scored.parquet"),
      `${bucket}/scored.parquet`,
      ["--json"],
    ],
    [
      "rules applied",
      ["rules", "apply"],
      join(lake, "scored.parquet"),
      `${bucket}/scored.parquet`,
      ["--rules", "rules.json", "-o", "OUT.parquet"],
    ],
  ];
  const rule = { id: "dns", verdict: "benign", match: { service: "dns" } };
  writeFileSync(join(options.folder, "rules.json"), JSON.stringify({ rules: [rule] }));
  for (const [name, command, near, far, args] of cases) {
    const result = async (flows: string, out: string): Promise<Buffer | undefined> => {
      const written = args.map((arg) => arg.replace("OUT", out));
      const { status, stdout, stderr } = await options.oddflow.run([...command, flows, ...written]);
      const output = written.find((arg) => arg.startsWith(`${out}.`));
      if (status === 0 || (command[0] === "drift" && status === 4))
        return output === undefined ? Buffer.from(stdout) : readFileSync(join(options.folder, output));
      options.onFault(`${name}: ${flows} ended with ${status}: ${stderr}`);
      return undefined;
    };
    const [here, there] = await Promise.all([result(near, "near"), result(far, "far")]);
    if (here === undefined || there === undefined) continue;
    if (here.length === 0 || !here.equals(there))
      options.onFault(`${name}: what was fetched gave another result`);
    else console.log(`  ok      ${name}, ${here.length} bytes alike`);
  }
}

/** A plan made from afar is run from afar, a run fetches what it needs alone, and what comes of it is what `score` makes of the files here. */
export async function checkShards({
  oddflow,
  model,
  bucket,
  lake,
  folder,
  onFault,
}: CheckOptions): Promise<void> {
  const days = "lake/**/*.parquet";
  const runs = [
    [
      "shard",
      "plan",
      `${bucket}/${days}`,
      "-m",
      model,
      "-o",
      "shards.parquet",
      "--shards",
      "3",
      "--plan",
      "plan.json",
    ],
    ["shard", "run", "plan.json", "2"],
    ["shard", "run", "plan.json", "--missing"],
    ["shard", "commit", "plan.json"],
    ["score", join(lake, days), "-m", model, "-o", "whole.parquet"],
  ];
  const said: string[] = [];
  for (const args of runs) {
    const { status, stderr } = await oddflow.run(args);
    said.push(stderr);
    if (status !== 0) return onFault(`${args.join(" ")} ended with ${status}: ${stderr}`);
  }
  const [shards, whole] = ["shards.parquet", "whole.parquet"].map((name) => readFileSync(join(folder, name)));
  if (whole === undefined || shards?.equals(whole) !== true)
    onFault("shards from afar are not what score makes of the files");
  else if (!/^fetched {4}2 files/.test(said[1] ?? ""))
    onFault(`a run of a shard of one file and its day fetched: ${said[1]}`);
  else console.log("  ok      shards, planned, run and committed");
}
