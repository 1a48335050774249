#!/bin/sh
# Trains a detector on flows and scores the same flows with it. Their labels are used to say how good it is, and for nothing else.
set -eu
flows=../../fixtures/flows.parquet
mkdir -p out

oddflow train $flows -o out/model.onnx --hidden 64,32 --latent 8 --context off
score-batch $flows -m out/model.onnx -o out/scored.parquet --budget 0.001 --top 3 --oddest 3
