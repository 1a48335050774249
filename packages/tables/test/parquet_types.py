"""Makes Parquet files of every type, codec and page version that pyarrow, pandas and polars write (`make FOLDER`), and holds the
scored tables made of them, NAME.scored.parquet, against them: values, types, metadata (`compare FOLDER`)."""

import decimal
import glob
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 300
NANOSECONDS = 1_700_000_000_123_456_789


def some(kind, value):
    """Values of a type, some of them null."""
    return pa.array([None if i % 11 == 3 else value(i) for i in range(ROWS)], kind)


def times(unit, zone=None):
    scale = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}[unit]
    return pa.array([NANOSECONDS // scale + i for i in range(ROWS)], pa.timestamp(unit, zone))


def every_type():
    table = pa.table(
        {
            "dur": [i * 0.25 for i in range(ROWS)],
            "sbytes": [i * 7 for i in range(ROWS)],
            "ns_utc": times("ns", "UTC"),
            "us_berlin": times("us", "Europe/Berlin"),
            "ms": times("ms"),
            "s": times("s"),
            "duration": pa.array(range(ROWS), pa.duration("us")),
            "date32": pa.array(range(ROWS), pa.date32()),
            "date64": pa.array([i * 86_400_000 for i in range(ROWS)], pa.date64()),
            "time32": some(pa.time32("ms"), lambda i: i * 1000),
            "time64": some(pa.time64("ns"), lambda i: i * 1000),
            "dictionary": pa.array([["tcp", "udp", None][i % 3] for i in range(ROWS)]).dictionary_encode(),
            "int8": some(pa.int8(), lambda i: i % 100),
            "uint64": pa.array([2**64 - 1 - i for i in range(ROWS)], pa.uint64()),
            "float16": pa.array([np.float16(i / 8) for i in range(ROWS)], pa.float16()),
            "float32": some(pa.float32(), float),
            "decimal30": some(pa.decimal128(30, 4), decimal.Decimal),
            "decimal50": some(pa.decimal256(50, 2), decimal.Decimal),
            "boolean": some(pa.bool_(), lambda i: i % 2 == 0),
            "binary": some(pa.binary(), lambda i: bytes([i % 256, 0])),
            "fixed": some(pa.binary(4), lambda i: bytes([i % 256] * 4)),
            "large_string": some(pa.large_string(), str),
            "string_view": some(pa.string_view(), str),
            "list": some(pa.list_(pa.int32()), lambda i: list(range(i % 3))),
            "large_list": some(pa.large_list(pa.string()), lambda i: ["x"]),
            "fixed_list": pa.array([[i, i] for i in range(ROWS)], pa.list_(pa.int16(), 2)),
            "struct": some(
                pa.struct([("a", pa.int32()), ("b", pa.timestamp("ns", "UTC"))]), lambda i: {"a": i, "b": NANOSECONDS}
            ),
            "map": some(pa.map_(pa.string(), pa.int64()), lambda i: [("k", i)]),
            "nothing": pa.nulls(ROWS),
        }
    )
    with_unit = table.schema.field("sbytes").with_metadata({"unit": "bytes"})
    table = table.set_column(1, with_unit, table.column(1))
    return table.replace_schema_metadata({"owner": "network team", "é": "1"})


def make(folder):
    table = every_type()
    for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        for version in ["1.0", "2.0"]:
            pq.write_table(
                table,
                f"{folder}/{codec}-{version}.parquet",
                compression=codec,
                data_page_version=version,
                row_group_size=128,
                use_dictionary=version == "2.0",
            )
    pq.write_table(table.slice(0, 1), f"{folder}/one-row.parquet")
    with pq.ParquetWriter(f"{folder}/empty-groups.parquet", table.schema) as writer:
        for part in [table.slice(0, 0), table.slice(0, 100), table.slice(0, 0), table.slice(100)]:
            writer.write_table(part)
    pq.write_table(
        table.select(["dur", "sbytes", "us_berlin", "ms", "dictionary"]),
        f"{folder}/int96.parquet",
        use_deprecated_int96_timestamps=True,
        version="1.0",
    )
    zone = pd.to_datetime([NANOSECONDS] * 3, utc=True).tz_convert("Europe/Berlin")
    frame = pd.DataFrame(
        {
            "dur": [0.5, 1.5, 2.5],
            "kind": pd.Categorical(["a", "b", "a"]),
            "time": zone,
            "wait": pd.to_timedelta([1, 2, 3], unit="s"),
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "text": pd.array(["x", None, "y"], dtype="string"),
        },
        index=pd.Index(["r1", "r2", "r3"], name="host"),
    )
    frame.to_parquet(f"{folder}/pandas.parquet")
    for part, rows in enumerate([frame.iloc[:1], frame.iloc[1:]]):
        rows.reset_index().to_parquet(f"{folder}/several-{part}.parquet")
    pl.DataFrame(
        {
            "dur": [0.5, 1.5],
            "kind": pl.Series(["a", "b"], dtype=pl.Categorical),
            "level": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
            "time": pl.Series([NANOSECONDS] * 2, dtype=pl.Datetime("ns", "Europe/Berlin")),
            "wait": pl.Series([1, 2], dtype=pl.Duration("us")),
        }
    ).write_parquet(f"{folder}/polars.parquet")


def compare(folder):
    names = sorted(path for path in glob.glob(f"{folder}/*.parquet") if not path.endswith(".scored.parquet"))
    before = pd.concat([pd.read_parquet(f"{folder}/several-{part}.parquet") for part in [0, 1]], ignore_index=True)
    after = pd.read_parquet(f"{folder}/several.scored.parquet")
    assert dict(after.dtypes[before.columns].drop("kind")) == dict(before.dtypes.drop("kind")), after.dtypes
    assert str(after["kind"].dtype) == "category" and list(after["time"]) == list(before["time"])
    for path in names:
        scored = path.replace(".parquet", ".scored.parquet")
        before, after = pq.read_table(path), pq.read_table(scored)
        kept = after.select(before.column_names)
        for field in before.schema:
            assert kept.schema.field(field.name).type == field.type, (path, field.name, kept.schema.field(field.name).type)
            assert kept.schema.field(field.name).metadata == field.metadata, (path, field.name)
            assert kept.column(field.name).equals(before.column(field.name)), (path, field.name)
        metadata = after.schema.metadata or {}
        for key, value in (before.schema.metadata or {}).items():
            assert key == b"pandas" or metadata.get(key) == value, (path, key)
        added = [(field.name, str(field.type)) for field in after.schema][len(before.column_names) :]
        assert added == [
            ("score", "float"),
            ("is_anomaly", "bool"),
            ("probability", "float"),
            ("top_columns", "list<element: string>"),
            ("reasons", "string"),
        ], (path, added)
        assert after.column("score").to_pylist() == list(range(after.num_rows)), path
    before, after = (pd.read_parquet(f"{folder}/pandas{end}.parquet") for end in ["", ".scored"])
    pd.testing.assert_frame_equal(before, after[before.columns])
    assert after["score"].dtype == np.float32 and after.index.name == "host"
    before, after = (pl.read_parquet(f"{folder}/polars{end}.parquet") for end in ["", ".scored"])
    assert before.schema == after.select(before.columns).schema and before.equals(after.select(before.columns))
    print(f"{len(names)} files")


{"make": make, "compare": compare}[sys.argv[1]](sys.argv[2])
