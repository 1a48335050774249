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

Needs onnxruntime, numpy and pyarrow on the executors, and Spark 3.3 or newer. All columns stay as they are, and score,
probability (the share of usual flows that score as high) and is_anomaly are added. A column that the model needs and the
flows lack is an error.
"""
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
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

# As many flows go through the model at once: more leave the processor's cache.
FLOWS_AT_ONCE = 2048


def scored(batches):
    # One thread: Spark runs as many tasks as there are cores.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnxruntime.InferenceSession(
        SparkFiles.get("model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    names = [field.name for field in SCORES]
    for flows in batches:
        starts = range(0, flows.num_rows, FLOWS_AT_ONCE)
        parts = [model.run(names, inputs(flows.slice(start, FLOWS_AT_ONCE))) for start in starts]
        if not parts:
            continue
        scores = [pa.array(np.concatenate(values)[:, 0]) for values in zip(*parts)]
        yield pa.RecordBatch.from_arrays([*flows.columns, *scores], names=[*flows.schema.names, *names])


def inputs(flows):
    columns = dict(zip(flows.schema.names, flows.columns))
    return {
        **{name: numbers(columns[name]) for name in NUMBERS},
        **{name: texts(columns[name]) for name in TEXTS},
    }


def numbers(column):
    values = column.cast(pa.float32(), safe=False)
    return values.fill_null(np.nan).to_numpy(zero_copy_only=False)


def texts(column):
    # Each text is made once, and not once a flow.
    coded = column.cast(pa.string()).fill_null("").dictionary_encode()
    return np.array(coded.dictionary.to_pylist(), dtype=object)[coded.indices.to_numpy()]


def main(flows_path, scored_path):
    spark = SparkSession.builder.appName("oddflow").getOrCreate()
    spark.sparkContext.addFile(str(Path(__file__).with_name("model.onnx")))
    flows = spark.read.parquet(flows_path)
    # To Spark names that differ in case alone are the same.
    kept = flows.drop(*(field.name for field in SCORES))
    lacking = [name for name in NUMBERS + TEXTS if name not in kept.columns]
    if lacking:
        sys.exit(f"score.py: {flows_path} lacks columns that the model needs: {', '.join(lacking)}")
    schema = StructType(kept.schema.fields + SCORES)
    kept.mapInArrow(scored, schema).write.mode("overwrite").parquet(scored_path)
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
