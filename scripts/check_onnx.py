"""Checks ONNX files with ONNX's own checker and strict shape inference; exits 1 at the first that fails.

    pip install onnx
    python3 scripts/check_onnx.py MODEL.onnx...
"""

import sys

import onnx

for path in sys.argv[1:]:
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:
        sys.exit(f"{path}: {error}")
    print(f"{path}: ir {model.ir_version}, opset {model.opset_import[0].version}, {len(model.graph.node)} nodes, checked")
