"""Peer (d): a sensor's log to encoded rows in Python.

    python read_sensor.py pandas|zat zeek|nfdump|nfdump-48|argus|suricata LOG CODINGS

The columns of CODINGS, as a float32 matrix: numbers, and categories as their places in the vocabulary; missing is NaN. pandas
reads Zeek's log as tab-separated values, and EVE with `read_json(lines=True)` and `json_normalize`; zat has a reader of its own.
"""

import json
import sys

from case_process import missing_package, say, serve


def main():
    tool, sensor, log, codings = sys.argv[1:]
    missing = missing_package(["numpy", "pandas", *(["zat"] if tool == "zat" else [])])
    if missing is not None:
        say({"skipped": missing})
        return
    import numpy
    import pandas

    with open(codings) as file:
        columns = json.load(file)
    names = [column["name"] for column in columns]

    def zeek():
        if tool == "zat":
            from zat.log_to_dataframe import LogToDataFrame

            return LogToDataFrame().create_dataframe(log, ts_index=False, usecols=names)
        with open(log) as file:
            fields = next(line for line in file if line.startswith("#fields")).rstrip("\n").split("\t")[1:]
        return pandas.read_csv(
            log, sep="\t", comment="#", names=fields, usecols=names, na_values=["-"], quoting=3, engine="c"
        )

    def nfdump():
        return pandas.read_csv(log, usecols=names)

    def argus():
        frame = pandas.read_csv(log, usecols=names, skipinitialspace=True, dtype={"Dport": str})
        for name in frame.select_dtypes(exclude="number"):
            frame[name] = frame[name].str.strip()
        return frame

    def suricata():
        with open(log) as file:
            return pandas.json_normalize([json.loads(line) for line in file])

    read = {"zeek": zeek, "nfdump": nfdump, "nfdump-48": nfdump, "argus": argus, "suricata": suricata}[sensor]

    def encode(column, values):
        if column["kind"] == "number":
            if hasattr(values.dtype, "kind") and values.dtype.kind == "m":
                return values.dt.total_seconds().to_numpy(numpy.float32)
            return pandas.to_numeric(values).to_numpy(numpy.float32, na_value=numpy.nan)
        codes = {value: float(code) for code, value in enumerate(column["vocabulary"])}
        return values.astype(object).map(codes).to_numpy(numpy.float32, na_value=numpy.nan)

    def run():
        frame = read()
        matrix = numpy.stack([encode(column, frame[column["name"]]) for column in columns], axis=1)
        return len(matrix)

    flows = run()
    import importlib.metadata

    serve({"read a log": (flows, run)}, {f"{tool} (log reading)": importlib.metadata.version(tool)}, 0)


main()
