#!/usr/bin/env bash
# Package: jc 1.25.6 (Python 3), its parser `--cef`.
# Behaviour: an event of CEF whose name holds an equals sign or an escaped backslash, both of which the format allows in the header, is read with an empty
#   name and without its severity, and the first field of the extension gets a key that is made of the rest of the name, the severity and its own
#   key (`seen_7_src` for `src`). Nothing is said, and the exit status is 0.
# Seen on 2026-11-29:
#   ratio seen: name "ratio seen", severity 7, src 192.0.2.1, other keys none
#   ratio a=b seen: name "", severity none, src none, other keys a seen_7_src
#   share \\ of it: name "", severity none, src none, other keys it_7_src
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT
cd "$dir"
python3 -m venv env
env/bin/pip install -q jc==1.25.6 >/dev/null 2>&1
cat > read.py <<'PY'
import json, subprocess, sys

for name in ["ratio seen", "ratio a=b seen", r"share \\ of it"]:
    event = f"CEF:0|Example|Sensor|1.0|17|{name}|7|src=192.0.2.1 dst=192.0.2.2\n"
    done = subprocess.run(["env/bin/jc", "--cef"], input=event, capture_output=True, text=True, check=True)
    [read] = json.loads(done.stdout)
    known = {"deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "deviceEventClassIdNum", "CEFVersion", "name",
             "agentSeverity", "agentSeverityNum", "agentSeverityString", "src", "dst"}
    others = " ".join(sorted(read.keys() - known)) or "none"
    print(f'{name}: name "{read["name"]}", severity {read.get("agentSeverity", "none")}, src {read.get("src", "none")}, other keys {others}')
PY
python3 read.py > out.txt
cat out.txt
sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self" | diff - out.txt
