"""Scores a Polars frame: the flows go to oddflow as an Arrow stream, and come back with their scores."""

import io
import subprocess
import sys

import polars as pl


def score(flows: pl.DataFrame, model: str) -> pl.DataFrame:
    stream = io.BytesIO()
    flows.write_ipc_stream(stream)
    command = ["oddflow", "score", "-", "--from", "arrow", "--to", "arrow", "-m", model, "--top", "2"]
    done = subprocess.run(command, input=stream.getbuffer(), stdout=subprocess.PIPE, check=True)
    return pl.read_ipc_stream(done.stdout)


model, path = sys.argv[1:]
scored = score(pl.read_parquet(path), model)
odd = scored.filter("is_anomaly").group_by("service").agg(pl.len().alias("flows"), pl.col("score").max())
for service, flows, highest in odd.sort("flows", descending=True).head(3).iter_rows():
    print(f"{service:8} {flows:6,} odd flows, the oddest with {highest:.3f}")
