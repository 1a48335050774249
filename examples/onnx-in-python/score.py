"""Scores flows with a model file and nothing of Oddflow: score.py MODEL.onnx FLOWS.parquet"""

import json
import os
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime sends some from Linux by default

import numpy as np
import onnxruntime
import pandas as pd


def encode(column, values):
    """A column as the model's graph takes it: float32, missing is NaN, a category its place in the vocabulary."""
    if column["kind"] == "number":
        return pd.to_numeric(values).to_numpy(np.float32, na_value=np.nan)
    if column["valueType"] == "number":
        values = values.map(lambda number: f"{number:.15g}", na_action="ignore")
    else:
        values = values.where(values != "")
    codes = {value: code for code, value in enumerate(column["vocabulary"])}
    unseen = len(codes)
    encoded = values.map(lambda value: codes.get(str(value), unseen), na_action="ignore")
    return encoded.to_numpy(np.float32, na_value=np.nan)


model, table = sys.argv[1:]
session = onnxruntime.InferenceSession(model)
columns = json.loads(session.get_modelmeta().custom_metadata_map["oddflow.spec"])["columns"]
flows = pd.read_parquet(table)
encoded = np.stack([encode(column, flows[column["name"]]) for column in columns], axis=1)
score, column_error = session.run(["score", "column_error"], {"flows": encoded})

for row in np.argsort(-score)[:3]:
    worst = int(np.argmax(column_error[row]))
    share = 100 * column_error[row, worst] / column_error[row].sum()
    name = columns[worst]["name"]
    print(f"{row + 1:10,} {score[row]:9.3f} {share:4.0f} %  {name} {flows[name].iloc[row]}")
if "score" in flows:
    print(f"off score-batch's by at most {np.abs(score - flows['score']).max():.1e}, {len(flows):,} flows")
