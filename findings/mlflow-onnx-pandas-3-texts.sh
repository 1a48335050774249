#!/usr/bin/env bash
# Package: mlflow-skinny 3.17.2 with onnxruntime 1.30.0, on pandas 2.3.3 and 3.1.1 (Python 3.11).
# Behaviour: a model of MLflow's ONNX flavour with a text input scores a DataFrame on pandas 2 and cannot on pandas 3. The flavour hands a
#   column's `.values` to onnxruntime, which was a NumPy array of objects and is an extension array since pandas 3 keeps texts as `str`. Numbers
#   are not concerned, and the column as objects (`astype(object)`) is taken on both.
# Seen on 2026-11-28:
#   pandas 2.3.3, texts as they are: 0.0 1.0 9.0
#   pandas 2.3.3, texts as objects: 0.0 1.0 9.0
#   pandas 3.1.1, texts as they are: RuntimeError: Input must be a list of dictionaries or a single numpy array for input 'proto'.
#   pandas 3.1.1, texts as objects: 0.0 1.0 9.0
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT
cd "$dir"
cat > score.py <<'PY'
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
import mlflow.onnx
import mlflow.pyfunc
import pandas as pd
from onnx import TensorProto, helper

graph = helper.make_graph(
    [
        helper.make_node("LabelEncoder", ["proto"], ["code"], domain="ai.onnx.ml",
                         keys_strings=["tcp", "udp"], values_floats=[0.0, 1.0], default_float=9.0),
        helper.make_node("Mul", ["bytes", "zero"], ["nothing"]),
        helper.make_node("Add", ["code", "nothing"], ["score"]),
    ],
    "texts",
    [
        helper.make_tensor_value_info("proto", TensorProto.STRING, ["batch"]),
        helper.make_tensor_value_info("bytes", TensorProto.FLOAT, ["batch"]),
    ],
    [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch"])],
    [helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0])],
)
operators = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 2)]
model = helper.make_model(graph, opset_imports=operators, ir_version=8)
mlflow.onnx.save_model(model, sys.argv[1], pip_requirements=["onnxruntime"])
loaded = mlflow.pyfunc.load_model(sys.argv[1])
table = pd.DataFrame({"proto": ["tcp", "udp", "icmp"], "bytes": [1.0, 2.0, 3.0]})
for what, given in (("as they are", table), ("as objects", table.astype({"proto": object}))):
    try:
        outcome = " ".join(map(str, loaded.predict(given)["score"]))
    except Exception as error:
        outcome = f"{type(error).__name__}: {error}"
    print(f"pandas {pd.__version__}, texts {what}: {outcome}")
PY
for pandas in 2.3.3 3.1.1; do
  python3 -m venv "python-$pandas"
  "python-$pandas/bin/pip" install -q mlflow-skinny==3.17.2 onnx==1.23.2 onnxruntime==1.30.0 numpy==2.4.6 "pandas==$pandas" >/dev/null 2>&1
  "python-$pandas/bin/python" score.py "model-$pandas" 2>/dev/null
done > out.txt
cat out.txt
sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self" | diff - out.txt
