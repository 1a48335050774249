#!/usr/bin/env bash
# Package: Debian 13's suricata 1:7.0.10-1+deb13u4, in a root made by debootstrap. (Debian sid's 1:8.0.7-2 did the same that day.)
# Behaviour: of a capture that is read with -r, all flow events bear one `timestamp`, that of the capture's first packet: it lies before
#   the flow that it tells of, by as much as the flow is away from the capture's begin. Netflow events do so too. Only flow.start and
#   flow.end are the flow's own; dns events of the same flows have their packets' times. Whoever orders flows by `timestamp`,
#   counts them by the hour or gives alerts a budget by the day sees one moment with everything in it. The documentation calls
#   `timestamp` common to all events and says no more. (A change for it, the project's pull request 6921 of 2022, was not taken in.)
# Seen on 2026-11-28 (forty lookups, one a minute: 39 minutes are 2340 s):
#   40 flows, 40 starts, 1 timestamp, up to 2340 s before the start; 80 timestamps of dns events
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT
apt-get update >/dev/null 2>&1
apt-get install -y --no-install-recommends debootstrap >/dev/null 2>&1
cat > "$dir/capture.py" <<'PY'
import socket, struct, sys
start = 1767268800  # 2026-01-01T12:00:00Z
def frame(number, back):
    ends = [(socket.inet_aton("192.0.2.1"), 40000 + number), (socket.inet_aton("198.51.100.1"), 53)]
    (source, sport), (target, dport) = reversed(ends) if back else ends
    flags, answers = (0x8183, 0) if back else (0x0100, 0)
    data = struct.pack("!HHHHHH", number, flags, 1, answers, 0, 0) + b"\x03www\x07example\x00" + struct.pack("!HH", 1, 1)
    udp = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + source + target
    return bytes.fromhex("020000000002 020000000001 0800") + ip + udp
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number in range(40):
        for back in (False, True):
            data = frame(number, back)
            out.write(struct.pack("<IIII", start + 60 * number, 1000 * back, len(data), len(data)) + data)
PY
cat > "$dir/tell.py" <<'PY'
import json, sys
from datetime import datetime
events = [json.loads(line) for line in open(sys.argv[1]) if line.strip()]
at = lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
flows = [event for event in events if event["event_type"] == "flow"]
early = [round((at(flow["flow"]["start"]) - at(flow["timestamp"])).total_seconds()) for flow in flows]
lookups = {event["timestamp"] for event in events if event["event_type"] == "dns"}
starts = {flow["flow"]["start"] for flow in flows}
print(f"{len(flows)} flows, {len(starts)} starts, {len({flow['timestamp'] for flow in flows})} timestamp, "
      f"up to {max(early)} s before the start; {len(lookups)} timestamps of dns events")
PY
python3 "$dir/capture.py" "$dir/flows.pcap"
root=$dir/trixie
debootstrap --variant=minbase trixie "$root" >/dev/null 2>&1
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends suricata=1:7.0.10-1+deb13u4 >/dev/null 2>&1
cp "$dir/flows.pcap" "$root/flows.pcap"
mkdir "$root/eve"
TZ=UTC chroot "$root" suricata -c /etc/suricata/suricata.yaml -r /flows.pcap -S /dev/null -k none -l /eve >/dev/null 2>&1
out=$(python3 "$dir/tell.py" "$root/eve/eve.json")
echo "$out"
expected=$(sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self")
[ "$out" = "$expected" ] || { echo "changed; expected:" >&2; echo "$expected" >&2; exit 1; }
