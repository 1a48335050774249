import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fetchJar } from "../programs/maven.ts";
import { PythonPackages } from "../programs/python-packages.ts";
import { runProgram } from "../programs/run-program.ts";

/** Where things lie. */
export interface Places {
  /** Programs in other languages. */
  readonly sources: string;
  /** Models and flows. */
  readonly inputs: string;
  /** What is installed stays here. */
  readonly cache: string;
}

/** Another platform that scores with an exported model. */
export interface Platform {
  readonly name: string;
  /** Whether it reads `flows.tsv`; it reads the folder of Parquet files where not. */
  readonly readsText: boolean;
  /**
   * Installs what it needs, by the ordinary clients of package registries.
   * @throws Error where that cannot be had
   */
  prepare(): void;
  /**
   * Scores all flows.
   * @param scores where: a file or a folder with flow_id, score, probability and is_anomaly
   * @returns its versions
   */
  score(scores: string): string;
}

/** What each was tried with. The first is the oldest that Python 3.11 can have. */
const PYTHON_RELEASES = ["1.15.0", "1.20.1", "1.30.0"];
const JAVA_RELEASES = ["1.12.1", "1.20.0"];
const SPARK = ["pyspark==4.3.0", "onnxruntime==1.30.0", "pandas==2.3.3", "pyarrow==26.0.1", "numpy==2.4.6"];

export function listPlatforms({ sources, inputs, cache }: Places): readonly Platform[] {
  const flows = join(inputs, "flows.tsv");
  return [
    ...PYTHON_RELEASES.map((release, i): Platform => {
      // Both ranks are tried.
      const model = join(inputs, i === 0 ? "rank-1.onnx" : "rank-2.onnx");
      const python = new PythonPackages(cache, [
        `onnxruntime==${release}`,
        i === 0 ? "numpy<2" : "numpy==2.4.6",
      ]);
      return {
        name: `onnxruntime ${release} in Python`,
        readsText: true,
        prepare: () => python.install(),
        score: (scores) => python.run([join(sources, "score_flows.py"), model, flows, scores]),
      };
    }),
    ...JAVA_RELEASES.map((release): Platform => {
      const artifact = `com.microsoft.onnxruntime:onnxruntime:${release}`;
      return {
        name: `onnxruntime ${release} in Java`,
        readsText: true,
        prepare: () => fetchJar(artifact, cache),
        score(scores) {
          const jar = fetchJar(artifact, cache);
          const program = join(sources, "ScoreFlows.java");
          return runProgram("java", ["-cp", jar, program, join(inputs, "rank-2.onnx"), flows, scores], cache);
        },
      };
    }),
    rust({ sources, inputs, cache }, flows),
    mlflow(cache, sources, inputs, flows),
    spark(new PythonPackages(cache, SPARK), inputs),
  ];
}

/** Rust's ort, which opens the onnxruntime that Oddflow itself has. */
function rust({ sources, inputs, cache }: Places, flows: string): Platform {
  const target = join(cache, "rust");
  return {
    name: "Rust's ort",
    readsText: true,
    prepare() {
      const folder = join(sources, "rust");
      runProgram("cargo", ["build", "-q", "--release", "--target-dir", target], folder);
    },
    score(scores) {
      const { library, version } = ownOnnxruntime();
      const program = join(target, "release", "score-flows");
      runProgram(program, [library, join(inputs, "rank-2.onnx"), flows, scores], inputs);
      return `onnxruntime ${version}`;
    },
  };
}

/** Where onnxruntime's shared library lies, and its version. */
function ownOnnxruntime(): { readonly library: string; readonly version: string } {
  // The compiled script lies in scripts/dist/platforms.
  const inference = createRequire(new URL("../../../packages/inference/package.json", import.meta.url));
  const manifest = inference.resolve("onnxruntime-node/package.json");
  const folder = join(dirname(manifest), "bin", "napi-v6", process.platform, process.arch);
  const name = readdirSync(folder).find((each) => /^(lib)?onnxruntime\.(so|dll|\d.*dylib)/.test(each));
  if (name === undefined) throw new Error(`${folder} has no shared library of onnxruntime`);
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, "utf8"));
  return { library: join(folder, name), version };
}

/** With the packages that the exported folder names. */
function mlflow(cache: string, sources: string, inputs: string, flows: string): Platform {
  const folder = join(inputs, "mlflow");
  const requirements = readFileSync(join(folder, "requirements.txt"), "utf8");
  const python = new PythonPackages(cache, requirements.trim().split("\n"));
  return {
    name: "mlflow.pyfunc",
    readsText: true,
    prepare: () => python.install(),
    score: (scores) => python.run([join(sources, "score_with_mlflow.py"), folder, flows, scores]),
  };
}

/** A cluster of two workers with a core and a gigabyte each, on this machine. */
const CLUSTER = "local-cluster[2,1,1024]";

function spark(python: PythonPackages, inputs: string): Platform {
  return {
    name: "PySpark, two workers",
    readsText: false,
    prepare: () => python.install(),
    score(scores) {
      const settings = ["--master", CLUSTER, "--conf", "spark.ui.enabled=false"];
      const program = join(inputs, "spark", "score.py");
      runProgram(
        "env",
        [
          // By which spark-submit finds Spark, and workers Python.
          `PYSPARK_PYTHON=${python.program("python")}`,
          ...[python.program("spark-submit"), ...settings, program, join(inputs, "flows"), scores],
        ],
        inputs,
      );
      return SPARK.slice(0, 2).join(", ");
    },
  };
}
