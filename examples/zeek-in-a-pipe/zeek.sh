#!/bin/sh
# zeek.sh PAST.ndjson < conn.log: trains on Zeek connections of the past, as JSON lines, and prints the odd ones of those that come.
set -eu
mkdir -p out

[ -e out/zeek.onnx ] || oddflow train "$1" -o out/zeek.onnx --hidden 64,32 --latent 8 >out/training.txt
score-batch - -m out/zeek.onnx --budget 0.002 --top 2 --columns keys |
  grep --line-buffered '"is_anomaly":true' || [ $? -eq 1 ] # 1: none of them is odd
