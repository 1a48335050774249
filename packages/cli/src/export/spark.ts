import type { PortableModel } from "@oddflow/detector";
import type { ExportedFile } from "./exported-file.ts";

/** The model, and a PySpark program that scores Parquet with it on all executors. */
export function sparkFiles({ bytes, inputs }: PortableModel): readonly ExportedFile[] {
  const names = (type: string): string =>
    `[\n${inputs
      .filter((input) => input.type === type)
      .map(({ name }) => `    ${pythonText(name)},\n`)
      .join("")}]`;
  const program = `"""Scores flows in Parquet with the model beside this file: spark-submit score.py FLOWS SCORED

Needs onnxruntime, numpy, pandas and pyarrow on the executors. All columns stay, and score, probability (the share of usual
flows that score as high) and is_anomaly are added. A column that the model needs and the flows lack is an error.
"""
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from pyspark import SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql.types import BooleanType, FloatType, StructField, StructType

NUMBERS = ${names("float32")}
TEXTS = ${names("text")}
SCORES = [
    StructField("score", FloatType()),
    StructField("probability", FloatType()),
    StructField("is_anomaly", BooleanType()),
]


def scored(batches):
    # One thread: Spark runs as many tasks as there are cores.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnxruntime.InferenceSession(
        SparkFiles.get("model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    names = [field.name for field in SCORES]
    for flows in batches:
        if len(flows) == 0:
            continue
        inputs = {name: pd.to_numeric(flows[name]).to_numpy(np.float32, na_value=np.nan) for name in NUMBERS}
        for name in TEXTS:
            column = flows[name]
            inputs[name] = column.astype(object).where(column.notna(), "").map(str).to_numpy(object)
        values = model.run(names, inputs)
        yield flows.assign(**{name: value[:, 0] for name, value in zip(names, values)})


def main(flows_path, scored_path):
    spark = SparkSession.builder.appName("oddflow").getOrCreate()
    spark.sparkContext.addFile(str(Path(__file__).with_name("model.onnx")))
    flows = spark.read.parquet(flows_path)
    lacking = [name for name in NUMBERS + TEXTS if name not in flows.columns]
    if lacking:
        sys.exit(f"score.py: {flows_path} lacks columns that the model needs: {', '.join(lacking)}")
    kept = flows.drop(*(field.name for field in SCORES))
    schema = StructType(kept.schema.fields + SCORES)
    kept.mapInPandas(scored, schema).write.mode("overwrite").parquet(scored_path)
    spark.stop()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: spark-submit score.py FLOWS SCORED")
    main(sys.argv[1], sys.argv[2])
`;
  return [
    { path: "model.onnx", content: bytes },
    { path: "score.py", content: program },
  ];
}

/** A text as Python has it: JSON's form is one of Python's. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}
