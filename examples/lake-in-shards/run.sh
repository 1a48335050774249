#!/usr/bin/env bash
# Scores Parquet in shards with GNU parallel, two at a time: MODEL OUT FLOWS... What is done already is not done again.
set -euo pipefail
model=$1 out=$2
shift 2
plan=$out.json
shards=4
[ -e "$plan" ] || oddflow shard plan "$@" -m "$model" -o "$out" --plan "$plan" --shards "$shards"
seq 0 $((shards - 1)) | parallel --jobs 2 --keep-order oddflow shard run "$plan" {}
oddflow shard commit "$plan"
