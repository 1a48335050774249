"""Flows in every type that pyarrow and polars write, as Arrow IPC streams and as the Parquet files that mean the same
(`make FLOWS FOLDER`); holds the scored streams NAME.scored.arrows against what went in, and against the scores of
types.scored.parquet and plain.scored.parquet (`compare FOLDER`)."""

import decimal
import glob
import sys

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

ROWS = 300
# Streams of the flows as they are; the others have them in every type.
PLAIN = ["deltas", "replaced", "polars", "packed"]
SCORES = ["score", "is_anomaly", "probability"]


def nulls(array, every):
    return pc.if_else(pa.array([i % every == 3 for i in range(len(array))]), pa.scalar(None, array.type), array)


def decimals(array, kind):
    step = decimal.Decimal(1).scaleb(-kind.scale)
    return pa.array([decimal.Decimal(str(value)).quantize(step) for value in array.to_pylist()], kind)


# What the model's columns become in the stream.
READ = {
    "dur": lambda a: decimals(a, pa.decimal128(12, 6)),
    "sbytes": lambda a: decimals(a, pa.decimal128(30, 4)),
    "dbytes": lambda a: pa.array([2**62 + 12345 * v for v in a.to_pylist()], pa.int64()),
    "sttl": lambda a: nulls(a.cast(pa.uint8()), 7),
    "dttl": lambda a: a.cast(pa.int16()),
    "sloss": lambda a: pa.array([2**63 + v for v in a.to_pylist()], pa.uint64()),
    "dloss": lambda a: nulls(a.cast(pa.int64()), 5).cast(pa.duration("ms")),
    "sload": lambda a: nulls(a.cast(pa.float32()), 6),
    "dload": lambda a: pa.array([float("nan") if i % 9 == 0 else v for i, v in enumerate(a.to_pylist())]),
    "spkts": lambda a: pa.array([v % 2 == 0 for v in a.to_pylist()]),
    "dpkts": lambda a: pa.array([" %d " % v if i % 4 else "-" for i, v in enumerate(a.to_pylist())]),
    "swin": lambda a: a.cast(pa.string()).dictionary_encode(),
    "protocol": lambda a: nulls(a, 8).dictionary_encode(),
    "state": lambda a: nulls(a, 8).cast(pa.large_string()),
    "service": lambda a: nulls(a, 8).cast(pa.string_view()),
    "smeansz": lambda a: decimals(a, pa.decimal32(7, 2)),
    "dmeansz": lambda a: decimals(a, pa.decimal64(14, 3)),
    "trans_depth": lambda a: pc.run_end_encode(a, pa.int32()),
    "stcpb": lambda a: pc.run_end_encode(a.cast(pa.string()), pa.int16()),
    "ct_ftp_cmd": lambda a: pa.nulls(len(a)),
    "is_ftp_login": lambda a: pa.array([v > 0 for v in a.to_pylist()]),
}

# What no model reads.
PASSED = {
    "list": pa.array([[i] * (i % 3) for i in range(ROWS)]),
    "fixed list": pa.array([[i, i] for i in range(ROWS)], pa.list_(pa.int16(), 2)),
    "struct": pa.array([None if i % 5 == 0 else {"a": i, "b": "x"} for i in range(ROWS)]),
    "map": pa.array([[("k", i)] for i in range(ROWS)], pa.map_(pa.string(), pa.int64())),
    "binary view": pa.array([bytes(i % 40) for i in range(ROWS)], pa.binary_view()),
    "fixed binary": pa.array([bytes(4)] * ROWS, pa.binary(4)),
    "time": pa.array(range(ROWS), pa.time64("ns")),
    "date": pa.array(range(ROWS), pa.date32()),
    "zone": pa.array(range(ROWS), pa.timestamp("ns", "Europe/Berlin")),
    "interval": pa.array([pa.MonthDayNano([1, 2, i]) for i in range(ROWS)]),
    "dense": pa.UnionArray.from_dense(
        pa.array([i % 2 for i in range(ROWS)], pa.int8()),
        pa.array([i // 2 for i in range(ROWS)], pa.int32()),
        [pa.array(range(ROWS)), pa.array(["x"] * ROWS)],
    ),
    "list view": pa.array([[i] for i in range(ROWS)], pa.list_view(pa.int32())),
    "coded struct": pa.array([{"c": "x%d" % (i % 3)} for i in range(ROWS)]),
}


def plain(array):
    """What Parquet holds where it has no such type."""
    if pa.types.is_run_end_encoded(array.type):
        return pc.run_end_decode(array)
    if pa.types.is_string_view(array.type):
        return array.cast(pa.string())
    return array


def make(flows, folder):
    table = pq.read_table(flows).slice(0, ROWS).combine_chunks()
    columns = {name: table[name].chunk(0) for name in table.schema.names}
    read = {**columns, **{name: change(columns[name]) for name, change in READ.items()}}
    typed = pa.table({**read, **PASSED}).replace_schema_metadata({"made by": "a test"})
    parquet = pa.table({name: plain(array) for name, array in read.items()})

    def write(name, source, batches, **options):
        with ipc.new_stream(f"{folder}/{name}.arrows", source.schema, options=ipc.IpcWriteOptions(**options)) as writer:
            for batch in batches:
                writer.write_batch(batch) if isinstance(batch, pa.RecordBatch) else writer.write_table(batch)

    pq.write_table(parquet, f"{folder}/types.parquet")
    pq.write_table(table, f"{folder}/plain.parquet")
    write("types", typed, typed.to_batches())
    # Slices of arrays, an empty batch among them.
    write("slices", typed, [b for t in (typed.slice(0, 7), typed.slice(7, 0), typed.slice(7)) for b in t.to_batches()])
    write("zstd", typed, typed.to_batches(), compression="zstd")
    write("refused-lz4", typed, typed.to_batches(), compression="lz4")
    write("v4", typed.drop_columns(["dense"]), typed.drop_columns(["dense"]).to_batches(), metadata_version=ipc.MetadataVersion.V4)
    write("legacy", typed.drop_columns(["dense"]), typed.drop_columns(["dense"]).to_batches(), use_legacy_format=True)
    # Each batch has a dictionary of its own: more of the one before, or another.
    halves = [
        pa.table({**{n: a.slice(at, 150) for n, a in columns.items()}, "protocol": columns["protocol"].slice(at, 150).dictionary_encode()})
        for at in (0, 150)
    ]
    deltas = pa.unify_schemas([half.schema for half in halves])
    grown = pa.concat_tables(halves).unify_dictionaries().combine_chunks()
    words = grown["protocol"].chunk(0).dictionary
    first = pa.DictionaryArray.from_arrays(grown["protocol"].chunk(0).indices.slice(0, 150), words)
    longer = pa.DictionaryArray.from_arrays(
        grown["protocol"].chunk(0).indices.slice(150), pa.concat_arrays([words, pa.array(["more", "words"])])
    )
    batches = [
        pa.record_batch({**{n: a.slice(at, 150) for n, a in columns.items()}, "protocol": own})
        for at, own in ((0, first), (150, longer))
    ]
    write("deltas", halves[0], batches, emit_dictionary_deltas=True)
    write("replaced", pa.table(halves[0], schema=deltas), [b for half in halves for b in half.to_batches()])
    frame = pl.read_parquet(flows).head(ROWS).with_columns(pl.col("protocol").cast(pl.Categorical))
    frame.write_ipc_stream(f"{folder}/polars.arrows")
    with ipc.new_file(f"{folder}/file.arrows", typed.schema) as writer:
        writer.write_table(typed)
    frame.write_ipc(f"{folder}/refused-file.arrows")
    frame.write_ipc_stream(f"{folder}/packed.arrows", compression="zstd")


def read(path):
    with open(path, "rb") as file:
        start = file.read(6)
    return ipc.open_file(path).read_all() if start == b"ARROW1" else ipc.open_stream(path).read_all()


def compare(folder):
    files = 0
    for path in sorted(glob.glob(f"{folder}/*.scored.arrows")):
        scored = ipc.open_stream(path).read_all()
        scored.validate(full=True)
        before = read(path.replace(".scored", ""))
        assert scored.schema.names == before.schema.names + SCORES, path
        assert scored.schema.metadata == before.schema.metadata, path
        for name in before.schema.names:
            assert scored.schema.field(name) == before.schema.field(name), (path, name)
        kept = scored.select(before.schema.names)
        assert kept.to_pylist().__repr__() == before.to_pylist().__repr__(), path
        is_plain = any(name in path for name in PLAIN)
        expected = pq.read_table(f"{folder}/{'plain' if is_plain else 'types'}.scored.parquet")
        for name in SCORES:
            assert scored[name].to_pylist() == expected[name].to_pylist(), (path, name)
            assert scored[name].type == expected[name].type, (path, name)
        files += 1
    if files > 0:
        assert pl.read_ipc_stream(f"{folder}/polars.scored.arrows").height == ROWS
    print(f"{files} streams")


if __name__ == "__main__":
    make(*sys.argv[2:]) if sys.argv[1] == "make" else compare(sys.argv[2])
