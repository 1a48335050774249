import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeDetector, parseDetectorMetadata } from "@oddflow/detector";
import { GraphBuilder, readModelSummary } from "@oddflow/onnx";
import { describe, expect, test } from "vitest";
import { runHere as run } from "./in-process.ts";
import { MODEL, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder, ...names);
const { spec } = parseDetectorMetadata(readModelSummary(readFileSync(MODEL)));
const COLUMNS = spec.columns.map(({ name }) => name);

/** Writes a model of two columns, of numbers and of texts, with names that not every platform takes. */
function writeOddlyNamed(path: string, number = `it's "é"\\`, text = "id.proto"): void {
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", 2]);
  graph.node("Mul", [flows, flows], {}, "column_error");
  const shares = graph.floats([0.5, 0.5], [2, 1]);
  graph.node("Squeeze", [graph.node("MatMul", ["column_error", shares]), graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", 2]);
  const scaled = { mean: 0, scale: 1 };
  const model = encodeDetector(graph.build(), {
    spec: {
      version: 1,
      columns: [
        { ...scaled, kind: "number", name: number, median: 0, transform: "identity" },
        {
          ...scaled,
          kind: "category",
          name: text,
          valueType: "text",
          vocabulary: ["tcp"],
          missingCode: 0,
          encoding: "label",
        },
      ],
    },
    thresholds: { heldBack: { flows: 2, probabilities: [0, 1], scores: [1, 2] } },
    training: {},
  });
  writeFileSync(path, model);
}

describe("oddflow export", () => {
  test("writes one file, and says what goes in and comes out", async () => {
    const { status, stdout, stderr } = await run("oddflow", ["export", MODEL, "-o", at("portable.onnx")]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`inputs     ${COLUMNS.length}, one a column`);
    expect(stdout).toContain(
      "score [batch, 1], probability [batch, 1], is_anomaly [batch, 1], column_error [batch, ",
    );
    const text = readFileSync(at("portable.onnx"), "latin1");
    for (const name of [...COLUMNS, "ai.onnx.ml"]) expect(text).toContain(name);
  });

  test("what it wrote is refused as a model to score with, by what it is", async () => {
    await run("oddflow", ["export", MODEL, "-o", at("refused.onnx"), "--inputs", "flows"]);
    for (const command of [["inspect"], ["export", "-o", at("again.onnx")], ["score", "-", "-m"]]) {
      const { status, stderr } = await run("oddflow", [...command, at("refused.onnx")]);
      expect(stderr).toMatch(
        /^oddflow: read model: .*`oddflow export` made it for other platforms: use the model that it was made of/,
      );
      expect(status).toBe(3);
    }
  });

  test("a folder for Triton is one of its model repository, whatever the columns are called", async () => {
    writeOddlyNamed(at("odd.onnx"));
    await run("oddflow", ["export", at("odd.onnx"), "--for", "triton", "-o", at("flows")]);
    expect(existsSync(at("flows", "1", "model.onnx"))).toBe(true);
    const lines = readFileSync(at("flows", "config.pbtxt"), "utf8").split("\n");
    expect(lines.slice(0, 2)).toEqual(['name: "flows"', 'backend: "onnxruntime"']);
    expect(lines).toContain(
      String.raw`input { name: "it's \042\303\251\042\134" data_type: TYPE_FP32 dims: [ 1 ] }`,
    );
    expect(lines).toContain('input { name: "id.proto" data_type: TYPE_STRING dims: [ 1 ] }');
    expect(lines).toContain('output { name: "is_anomaly" data_type: TYPE_BOOL dims: [ 1 ] }');
    expect(lines).toContain('output { name: "column_error" data_type: TYPE_FP32 dims: [ 2 ] }');
  });

  test("a folder for MLflow has a signature that is JSON, and one value a flow of each output", async () => {
    writeOddlyNamed(at("odd.onnx"));
    await run("oddflow", ["export", at("odd.onnx"), "--for", "mlflow", "-o", at("registered")]);
    const text = readFileSync(at("registered", "MLmodel"), "utf8");
    const signature = (part: string): { readonly name: string; readonly type: string }[] => {
      const quoted = new RegExp(`^  ${part}: '(.*)'$`, "m").exec(text)?.[1] ?? "";
      return JSON.parse(quoted.replaceAll("''", "'")) as { name: string; type: string }[];
    };
    expect(signature("inputs").map(({ name, type }) => [name, type])).toEqual([
      [`it's "é"\\`, "double"],
      ["id.proto", "string"],
    ]);
    expect(signature("outputs").map(({ name }) => name)).toEqual(["score", "probability", "is_anomaly"]);
    for (const file of ["model.onnx", "requirements.txt", "python_env.yaml"]) {
      expect(existsSync(at("registered", file))).toBe(true);
    }
  });

  test("a folder for BigQuery has SQL with names that it takes, and no NULL for the model", async () => {
    writeOddlyNamed(at("odd.onnx"));
    await run("oddflow", ["export", at("odd.onnx"), "--for", "bigquery", "-o", at("lake")]);
    const sql = readFileSync(at("lake", "score.sql"), "utf8");
    expect(sql).toContain("IFNULL(CAST(`id_proto` AS STRING), '') AS `id_proto`");
    expect(sql).toContain("IFNULL(CAST(`it_s_____` AS FLOAT64), CAST('NaN' AS FLOAT64)) AS `it_s_____`");
    expect(readFileSync(at("lake", "model.onnx"), "latin1")).toContain("it_s_____");
  });

  test("names that BigQuery takes for one, whatever their case, are told apart", async () => {
    for (const [number, text, columns] of [
      ["Dur", "dur", ["Dur", "dur_"]],
      ["Score", "PROBABILITY", ["Score_", "PROBABILITY_"]],
      ["a.b", "A_B", ["a_b", "A_B_"]],
    ] as const) {
      writeOddlyNamed(at("alike.onnx"), number, text);
      await run("oddflow", ["export", at("alike.onnx"), "--for", "bigquery", "-o", at("alike")]);
      const sql = readFileSync(at("alike", "score.sql"), "utf8");
      expect([...sql.matchAll(/ AS `(.*)`/g)].map(([, name]) => name)).toEqual(columns);
    }
  });

  test("a folder for Spark has a Python program that names every column", async () => {
    writeOddlyNamed(at("odd.onnx"));
    await run("oddflow", ["export", at("odd.onnx"), "--for", "spark", "-o", at("job")]);
    const program = at("job", "score.py");
    const names =
      'import ast, json, sys; t = ast.parse(open(sys.argv[1], encoding="utf8").read()); ' +
      'print(json.dumps([ast.literal_eval(n.value) for n in t.body if isinstance(n, ast.Assign) and n.targets[0].id in ("NUMBERS", "TEXTS")]))';
    const { status, stdout } = spawnSync("python3", ["-c", names, program], { encoding: "utf8" });
    if (status === null)
      return void console.warn("the program for Spark: not read, because there is no python3");
    expect(JSON.parse(stdout)).toEqual([[`it's "é"\\`], ["id.proto"]]);
  });

  test("options that a platform cannot have are wrong usage, and nothing is written", async () => {
    for (const [args, said] of [
      [["--for", "mlflow", "--rank", "2"], /--rank 2: mlflow takes 1; leave it out/],
      [
        ["--for", "spark", "--inputs", "flows"],
        /--inputs flows: what --for spark writes is for one input a column/,
      ],
      [
        ["--rank", "1", "--inputs", "flows"],
        /--rank is for one input a column, and --inputs says flows; leave it out/,
      ],
      [["--budget", "2"], /--budget 2: expected/],
      [["--for", "spreadsheet"], /for "spreadsheet": expected one of/],
    ] as const) {
      const { status, stderr } = await run("oddflow", ["export", MODEL, "-o", at("nothing"), ...args]);
      expect(stderr).toMatch(said);
      expect([stderr.trimEnd().split("\n").length, status]).toEqual([1, 2]);
    }
    expect(existsSync(at("nothing"))).toBe(false);
  });
});
