import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createScorer } from "@oddflow/inference/node";
import { expect, test } from "vitest";
import { scoreArrow } from "../src/score-arrow.ts";
import { runHere } from "./in-process.ts";
import { FLOWS, MODEL, temporaryFolder } from "./run-cli.ts";

/** A Python with pyarrow and polars; `.ci/run` makes one. */
const PYTHON = process.env["ODDFLOW_PYTHON"];
const SCRIPT = fileURLToPath(new URL("arrow_peers.py", import.meta.url));

const folder = temporaryFolder();
const at = (name: string): string => join(folder, "peers", name);

const REFUSED = {
  "refused-lz4.arrows": "its buffers are compressed with lz4; write it with zstd or without compression",
  "refused-file.arrows": "it is a file whose schema stands at its end alone; write a stream",
};

test.skipIf(PYTHON === undefined)(
  "what pyarrow and polars write comes back as it was, with the scores of the same table in Parquet (skipped without ODDFLOW_PYTHON)",
  async () => {
    const python = (...args: string[]): string =>
      execFileSync(PYTHON ?? "", [SCRIPT, ...args], { encoding: "utf8" });
    mkdirSync(at(""));
    python("make", FLOWS, at(""));
    const scorer = await createScorer(MODEL);
    const score = async (name: string): Promise<void> => {
      const output = createWriteStream(at(name.replace(".arrows", ".scored.arrows")));
      await scoreArrow(createReadStream(at(name)), output, scorer, {
        threshold: scorer.thresholds.forBudget(),
        top: 0,
        fields: "all",
      }).finally(() => output.end());
      await finished(output);
    };
    const streams = readdirSync(at("")).filter((name) => name.endsWith(".arrows"));
    const refused = new Map(Object.entries(REFUSED));
    for (const name of streams) {
      const problem = refused.get(name);
      if (problem !== undefined) {
        await expect(score(name)).rejects.toThrow(problem);
        continue;
      }
      await score(name);
    }
    await scorer.close();
    for (const name of ["types", "plain"])
      await runHere("score-batch", [at(`${name}.parquet`), "-m", MODEL, "-o", at(`${name}.scored.parquet`)]);
    for (const name of refused.keys()) rmSync(at(name.replace(".arrows", ".scored.arrows")));
    expect(python("compare", at(""))).toBe(`${streams.length - refused.size} streams\n`);
    expect(streams.length).toBeGreaterThan(refused.size);
  },
);
