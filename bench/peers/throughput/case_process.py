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


def serve(cases, versions, seconds=SECONDS_A_CASE):
    """Times the case that each line of standard input names, for so long. `cases`: name -> (flows, function)."""
    say({"cases": [{"name": name, "flows": flows} for name, (flows, _) in cases.items()], "versions": versions})
    for line in sys.stdin:
        say({"seconds": time_runs(cases[line.rstrip("\n")][1], seconds)})


def time_runs(run, at_least=SECONDS_A_CASE):
    """The seconds of each run; one run for 0. Cases have run before, when they were checked."""
    seconds = []
    while not seconds or sum(seconds) < at_least:
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return seconds
