import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createScoredTableWriter, openTable } from "@oddflow/tables";
import { describe, expect, test } from "vitest";
import { collect, makeTableFolder } from "./table-folder.ts";

/** A Python with pyarrow, pandas and polars; `.ci/run` makes one. */
const PYTHON = process.env["ODDFLOW_PYTHON"];
const SCRIPT = fileURLToPath(new URL("parquet_types.py", import.meta.url));

const folder = await makeTableFolder();

function python(mode: "make" | "compare", path: string): string {
  return execFileSync(PYTHON ?? "", [SCRIPT, mode, path], { encoding: "utf8" });
}

function hasPyarrow(): boolean {
  if (PYTHON === undefined) return false;
  try {
    execFileSync(PYTHON, ["-c", "import pandas, polars, pyarrow"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a scored Parquet file", () => {
  test.skipIf(!hasPyarrow())(
    "has what went in, as pyarrow, pandas and polars read it (skipped without ODDFLOW_PYTHON)",
    async () => {
      const path = folder.at("types");
      mkdirSync(path);
      python("make", path);
      const names = readdirSync(path);
      const several = names.filter((name) => name.startsWith("several-")).map((name) => `${path}/${name}`);
      for (const [name, files] of [
        ...names.map((own) => [own, [`${path}/${own}`]] as const),
        ["several.parquet", several] as const,
      ]) {
        const table = await openTable(files);
        const writer = await createScoredTableWriter(table, {
          path: `${path}/${name.replace(".parquet", ".scored.parquet")}`,
          columns: "all",
          top: { names: ["dur", "kind"], count: 1 },
          reasons: true,
        });
        await writer.write({
          score: Float32Array.from({ length: table.rows }, (_, row) => row),
          isAnomaly: new Uint8Array(table.rows),
          rarity: new Float64Array(table.rows),
          top: new Int16Array(table.rows),
          reasons: new Array<string | null>(table.rows).fill(null),
        });
        await writer.finish();
        table.close();
      }
      expect(python("compare", path)).toBe(`${names.length} files\n`);
      // DuckDB gives other values than the file holds.
      const table = await openTable(`${path}/zstd-1.0.parquet`);
      const refusal = {
        code: "COLUMN_TYPE",
        message: expect.stringMatching(/"decimal50" is a decimal of more than 38/),
      };
      await expect(collect(table.scan([{ kind: "number", name: "decimal50" }]))).rejects.toMatchObject(
        refusal,
      );
      const csv = createScoredTableWriter(table, { path: `${path}/scored.csv`, columns: "all" });
      await expect(csv).rejects.toMatchObject(refusal);
      table.close();
    },
  );

  test("names the columns that it has to Spark too, and keeps what others wrote", async () => {
    const spark = { type: "struct", fields: [{ name: "a", type: "long", nullable: true, metadata: {} }] };
    const path = await folder.copy(
      "SELECT range AS a, 'x' AS b FROM range(5)",
      "spark.parquet",
      `FORMAT parquet, KV_METADATA {owner: 'us', "org.apache.spark.sql.parquet.row.metadata": '${JSON.stringify(spark)}'}`,
    );
    const table = await openTable(path);
    const out = folder.at("spark.scored.parquet");
    const writer = await createScoredTableWriter(table, { path: out, columns: "keys", keyColumns: ["b"] });
    await writer.write({
      score: new Float32Array(5),
      isAnomaly: new Uint8Array(5),
      rarity: new Float64Array(5),
    });
    await writer.finish();
    table.close();
    const found = await folder.sql(`SELECT decode(key), decode(value) FROM parquet_kv_metadata('${out}')`);
    const entries = new Map(found.map(([key, value]) => [String(key), String(value)]));
    expect(entries.get("owner")).toBe("us");
    const { fields } = JSON.parse(entries.get("org.apache.spark.sql.parquet.row.metadata") ?? "{}");
    expect(fields.map(({ name }: { name: string }) => name)).toEqual(["score", "is_anomaly", "probability"]);
  });
});
