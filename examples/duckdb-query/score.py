"""Scores what a DuckDB query gives, and queries the scores, a batch at a time: neither side ever has all flows in memory."""

import subprocess
import sys
import threading

import duckdb
import pyarrow as pa

model, path = sys.argv[1:]
# Of its own, since both queries run at once.
source = duckdb.connect()
flows = source.sql(f"FROM read_parquet('{path}') WHERE protocol IN ('tcp', 'udp')").to_arrow_reader(10_000)
oddflow = subprocess.Popen(
    ["oddflow", "score", "-", "--from", "arrow", "--to", "arrow", "-m", model],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
)


def send() -> None:
    with oddflow.stdin, pa.ipc.new_stream(oddflow.stdin, flows.schema) as stream:
        for batch in flows:
            stream.write_batch(batch)


sender = threading.Thread(target=send)
sender.start()
scored = pa.ipc.open_stream(oddflow.stdout)
rows = duckdb.sql(
    "SELECT source_ip, count(*) AS flows, count_if(is_anomaly) AS odd FROM scored "
    "GROUP BY source_ip ORDER BY odd DESC, source_ip LIMIT 3"
).fetchall()
sender.join()
if oddflow.wait() != 0:
    sys.exit(oddflow.returncode)
for source, count, odd in rows:
    print(f"{source:15} {odd:6,} of {count:6,} flows are odd")
