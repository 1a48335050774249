#!/bin/sh
# weekly.sh WEEK: keeps out/model.onnx fit for a network that changes, and scores the week with it. For a timer, once a week.
set -eu
week=$1
model=out/model.onnx
mkdir -p out

train() {
  oddflow train "$week" -o $model --hidden 64,32 --latent 8 >out/training.txt
  echo "trained on $week"
}

if [ ! -e $model ]; then
  train
elif oddflow drift $model "$week" >out/drift.txt; then
  # Where little moves, thresholds follow; recalibrate refuses where that would not do.
  oddflow recalibrate $model "$week" -o $model || train
else
  [ $? -eq 4 ] || exit 3 # 4: moved past the limit
  grep '^limit' out/drift.txt
  train
fi
score-batch "$week" -m $model -o "out/$(basename "$week")" --budget 50/day --oddest 1 --top 2
