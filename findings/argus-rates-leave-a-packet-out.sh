#!/usr/bin/env bash
# Package: Debian 12's argus-server 2:3.0.8.2-2.2 and argus-client 1:3.0.8.2-6.1+b3.
# Behaviour: ra's rates are not packets and bytes by duration. Of a direction with n packets it takes n - 1: SrcRate is
#   (SrcPkts - 1) / Dur, and SrcLoad is 8 * SrcBytes * (n - 1) / n / Dur, a mean packet less, whichever packets were the
#   large ones. Load is the two directions' sum, but Rate leaves out one packet of the whole flow. So a flow of two equal
#   packets has half the load that its own bytes and duration give, and one packet each way has a Rate of 5 beside a Load
#   of 0. Whoever computes sload from sbytes and dur, to feed a model that was trained on Argus' columns, gives it twice
#   the value for the shortest flows, and hardly another one for long flows. UNSW-NB15 was made with Argus: of a slice's 40,299 flows
#   with two or more packets and more than 1 ms, sload is 8 * sbytes / dur in 51, and a mean packet less in 38,097
#   (to a thousandth; its durations are rounded).
# Seen on 2026-11-28:
#   one packet of 100 bytes: Dur 0.0, Rate 0, Load 0 | all packets -, all bits -
#   two packets of 100, 0.2 s: Dur 0.2, Rate 5, Load 4000 | all packets 10, all bits 8000
#   100, 200 and 900, 0.2 s: Dur 0.2, Rate 10, Load 32000 | all packets 15, all bits 48000
#   the same, the largest first: Dur 0.2, Rate 10, Load 32000 | all packets 15, all bits 48000
#   one of 100 each way, 0.2 s: Dur 0.2, Rate 5, Load 0 | all packets 10, all bits 8000
#   two each way, of 100 and 1000, 0.4 s: Dur 0.4, Rate 7.5, Load 22000 | all packets 10, all bits 44000
#   101 packets of 100, 1 s: Dur 1.0, Rate 100, Load 80000 | all packets 101, all bits 80800
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
apt-get update >/dev/null 2>&1
apt-get install -y --no-install-recommends argus-server=2:3.0.8.2-2.2 argus-client=1:3.0.8.2-6.1+b3 >/dev/null 2>&1
cat > "$dir/flows.py" <<'PY'
# A flow: its name, and (milliseconds, size of the frame, whether it goes back) a packet.
FLOWS = [
    ("one packet of 100 bytes", [(0, 100, 0)]),
    ("two packets of 100, 0.2 s", [(0, 100, 0), (200, 100, 0)]),
    ("100, 200 and 900, 0.2 s", [(0, 100, 0), (100, 200, 0), (200, 900, 0)]),
    ("the same, the largest first", [(0, 900, 0), (100, 200, 0), (200, 100, 0)]),
    ("one of 100 each way, 0.2 s", [(0, 100, 0), (200, 100, 1)]),
    ("two each way, of 100 and 1000, 0.4 s", [(0, 100, 0), (50, 1000, 1), (200, 100, 0), (400, 1000, 1)]),
    ("101 packets of 100, 1 s", [(10 * i, 100, 0) for i in range(101)]),
]
FIRST_PORT = 5001
PY
cat > "$dir/capture.py" <<'PY'
import socket, struct, sys
from flows import FIRST_PORT, FLOWS
start = 1767268800  # 2026-01-01T12:00:00Z
def frame(port, size, back):
    ends = [(socket.inet_aton("10.0.0.1"), port), (socket.inet_aton("10.0.0.2"), 9000)]
    (source, sport), (target, dport) = reversed(ends) if back else ends
    udp = struct.pack("!HHHH", sport, dport, size - 34, 0) + bytes(size - 42)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + source + target
    return bytes.fromhex("020000000002 020000000001 0800") + ip + udp
packets = [(ms, frame(FIRST_PORT + i, size, back)) for i, (_, flow) in enumerate(FLOWS) for ms, size, back in flow]
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for ms, data in sorted(packets, key=lambda packet: packet[0]):
        out.write(struct.pack("<IIII", start + ms // 1000, ms % 1000 * 1000, len(data), len(data)) + data)
PY
cat > "$dir/tell.py" <<'PY'
import csv, sys
from flows import FIRST_PORT, FLOWS
rows = {int(row["Sport"]): row for row in csv.DictReader(sys.stdin)}
for i, (name, _) in enumerate(FLOWS):
    dur, rate, load, packets, size = (
        float(rows[FIRST_PORT + i][column]) for column in ("Dur", "Rate", "Load", "TotPkts", "TotBytes")
    )
    by_dur = lambda count: f"{count / dur:.6g}" if dur > 0 else "-"
    print(f"{name}: Dur {dur}, Rate {rate:.6g}, Load {load:.6g} | all packets {by_dur(packets)}, all bits {by_dur(8 * size)}")
PY
cd "$dir"
python3 capture.py flows.pcap
argus -F /dev/null -r flows.pcap -w flows.argus 2>/dev/null
out=$(ra -F /dev/null -r flows.argus -L0 -c , -n -s sport,dur,pkts,bytes,rate,load - udp | python3 tell.py)
echo "$out"
expected=$(sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self")
[ "$out" = "$expected" ] || { echo "changed; expected:" >&2; echo "$expected" >&2; exit 1; }
