"""Scores flows with an exported model in onnxruntime, and nothing of Oddflow's: MODEL FLOWS.tsv SCORES.tsv

FLOWS.tsv has a header, flow_id among its columns, and nothing where a value is missing.
"""
import csv
import sys

import numpy as np
import onnxruntime

model_path, flows_path, scores_path = sys.argv[1:]
model = onnxruntime.InferenceSession(model_path, providers=["CPUExecutionProvider"])
with open(flows_path, newline="", encoding="utf-8") as file:
    flows = list(csv.DictReader(file, delimiter="\t"))
inputs = {}
for value in model.get_inputs():
    texts = [flow[value.name] for flow in flows]
    if value.type == "tensor(string)":
        values = np.array(texts, dtype=object)
    else:
        values = np.array([float(text) if text else np.nan for text in texts], dtype=np.float32)
    inputs[value.name] = values.reshape(-1, 1) if len(value.shape) == 2 else values
scores, probabilities, anomalies = model.run(["score", "probability", "is_anomaly"], inputs)
with open(scores_path, "w", encoding="utf-8") as file:
    file.write("flow_id\tscore\tprobability\tis_anomaly\n")
    for flow, score, probability, is_anomaly in zip(flows, scores[:, 0], probabilities[:, 0], anomalies[:, 0]):
        file.write(f"{flow['flow_id']}\t{score!s}\t{probability!s}\t{str(is_anomaly).lower()}\n")
print(f"onnxruntime {onnxruntime.__version__}")
