"""Leaves CPU seconds and peak memory behind, as `bench/src/processes/report-usage.ts` does for a Node process."""

import json
import os
import re
import resource


def report_usage():
    """Writes them to a file in the folder that ODDFLOW_BENCH_USAGE names, if it does."""
    folder = os.environ.get("ODDFLOW_BENCH_USAGE")
    if folder is None:
        return
    path = os.path.join(folder, f"{os.getpid()}.json")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    peak = high_water_mark()
    with open(path, "w") as file:
        json.dump(
            {
                "cpuSeconds": usage.ru_utime + usage.ru_stime,
                "peakMemoryBytes": usage.ru_maxrss * 1024 if peak is None else peak,
            },
            file,
        )


def high_water_mark():
    """Linux's own count: there ru_maxrss starts with the memory of the process that started this one."""
    try:
        with open("/proc/self/status") as status:
            kilobytes = re.search(r"^VmHWM:\s*([0-9]+) kB$", status.read(), re.MULTILINE)
    except OSError:
        return None
    return None if kilobytes is None else int(kilobytes.group(1)) * 1024
