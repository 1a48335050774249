"""Scores flows with an exported folder as an MLflow model: FOLDER FLOWS.tsv SCORES.tsv"""
import sys

import mlflow.pyfunc
import onnxruntime
import pandas as pd

folder, flows_path, scores_path = sys.argv[1:]
model = mlflow.pyfunc.load_model(folder)
columns = model.metadata.get_input_schema().inputs
texts = [column.name for column in columns if column.type.name == "string"]
numbers = [column.name for column in columns if column.name not in texts]
flows = pd.read_csv(
    flows_path,
    sep="\t",
    usecols=["flow_id", *texts, *numbers],
    dtype={**{name: str for name in texts}, **{name: float for name in numbers}},
    # An empty text stays one: it is how a category is missing.
    keep_default_na=False,
    na_values={name: [""] for name in numbers},
)
scores = model.predict(flows)
scores.insert(0, "flow_id", flows["flow_id"])
scores.to_csv(scores_path, sep="\t", index=False)
print(f"mlflow {mlflow.__version__}, onnxruntime {onnxruntime.__version__}")
