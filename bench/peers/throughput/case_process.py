"""The lines that `bench/src/processes/case-process.ts` speaks, for cases that are timed in Python."""

import json
import sys
import time

# Seconds that a case is timed for; what `bench/src/measure.ts` gives a case of ours.
SECONDS_A_CASE = 0.8


def missing_package(names):
    """Why these packages cannot all be imported, or None."""
    import importlib

    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            return f"{sys.executable} cannot import {name} ({error})"
    return None


def say(message):
    print(json.dumps(message), flush=True)


def serve(cases, versions):
    """Times the case that each line of standard input names. `cases`: name -> (flows, function)."""
    say({"cases": [{"name": name, "flows": flows} for name, (flows, _) in cases.items()], "versions": versions})
    for line in sys.stdin:
        say({"seconds": time_runs(cases[line.rstrip("\n")][1])})


def time_runs(run):
    """The seconds of each run. Cases have run before, when they were checked."""
    seconds = []
    while sum(seconds) < SECONDS_A_CASE:
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return seconds
