#!/usr/bin/env bash
# Makes fixtures/sensors, whole or in part: bash scripts/sensors/make-outputs.sh [argus nfdump goflow2 ...]
# README.md beside this says what it needs. The tools stay in ~/.cache/oddflow/sensors.
set -euo pipefail
cd "$(dirname "$0")"
. ./places.sh
export OUT=$PWD/../../fixtures/sensors CAPTURE=$cache/capture.pcap
python_with capture python3 scapy==2.6.1
"$cache/capture/bin/python" make_capture.py "$CAPTURE"
[ $# -gt 0 ] || set -- argus nfdump goflow2 goflow2-protobuf pmacct suricata nfstream cicflowmeter zeek public-tables
for tool in "$@"; do
  echo "== $tool"
  mkdir -p "$OUT"
  bash -euo pipefail "$tool.sh"
done
du -cb "$OUT"/*/* | tail -1
