#!/usr/bin/env bash
# Package: Debian 13's argus-server 2:5.0.2-3 and argus-client 1:5.0.2+git20250321.41f65e2-2, in a root made by debootstrap.
# Behaviour: ICMP comes out of Argus 5 in ways that its readers trip over. (1) ra -M json prints ICMP's ports in hexadecimal without
#   quotes, "sport":0x0008, so the line is no JSON: of an output with one ping in it a strict reader takes nothing,
#   a lenient one loses all pings. (2) Both addresses of ICMPv6 are ::, in every form, so all hosts' pings, neighbour
#   discovery and errors are one pair of hosts; an answered echo looks one-sided (->). (3) An echo's Dport is empty. Argus 3.0.8.2 of
#   Debian 12 gave 2001:db8::1, <-> and an echo's number; its ra has no JSON. (4) StartTime is month/day.time, with
#   no year (Debian 12's had no date); JSON's stime has no date. Only -u gives whole times.
# Seen on 2026-11-28 (a UDP datagram, an answered ping, an answered ping over IPv6):
#   01/01.12:00:00.000000,udp,192.0.2.1,5000, ->,198.51.100.1,5001
#   01/01.12:00:01.000000,icmp,192.0.2.1,0x0008,<->,198.51.100.1,
#   01/01.12:00:03.000000,ipv6-icmp,::,128, ->,::,
#   JSON: stime "12:00:00.000000", proto "udp"
#   no JSON: "sport":0x0008
#   JSON: stime "12:00:03.000000", proto "ipv6-icmp", saddr "::"
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT
apt-get update >/dev/null 2>&1
apt-get install -y --no-install-recommends debootstrap >/dev/null 2>&1
cat > "$dir/capture.py" <<'PY'
import socket, struct, sys
start = 1767268800  # 2026-01-01T12:00:00Z
def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
def four(source, target, protocol, data):
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(data), 1, 0, 64, protocol)
    if protocol == 1:
        data = data[:2] + struct.pack("!H", checksum(data)) + data[4:]
    return b"\x08\x00" + head + struct.pack("!H", checksum(head + ends)) + ends + data
def six(source, target, data):
    ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, target)
    data = data[:2] + struct.pack("!H", checksum(ends + struct.pack("!II", len(data), 58) + data)) + data[4:]
    return b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(data), 58, 64) + ends + data
def echo(kind):
    return struct.pack("!BBHHH", kind, 0, 0, 77, 1) + b"p" * 56
a, b, c, d = "192.0.2.1", "198.51.100.1", "2001:db8::1", "2001:db8::2"
packets = [
    four(a, b, 17, struct.pack("!HHHH", 5000, 5001, 18, 0) + b"0123456789"),
    four(a, b, 1, echo(8)), four(b, a, 1, echo(0)), six(c, d, echo(128)), six(d, c, echo(129)),
]
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second, packet in enumerate(packets):
        data = bytes.fromhex("020000000002 020000000001") + packet
        out.write(struct.pack("<IIII", start + second, 0, len(data), len(data)) + data)
PY
cat > "$dir/tell.py" <<'PY'
import json, re, sys
for line in sys.stdin:
    if line.strip():
        try:
            flow = json.loads(line)
            shown = ["stime", "proto"] + ["saddr"] * (flow["proto"] == "ipv6-icmp")
            print("JSON: " + ", ".join(f'{name} "{flow[name]}"' for name in shown))
        except json.JSONDecodeError:
            print("no JSON: " + re.search(r'"sport":[^,]*', line)[0])
PY
root=$dir/trixie
debootstrap --variant=minbase trixie "$root" >/dev/null 2>&1
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends \
  argus-server=2:5.0.2-3 argus-client=1:5.0.2+git20250321.41f65e2-2 >/dev/null 2>&1
python3 "$dir/capture.py" "$root/flows.pcap"
export TZ=UTC
chroot "$root" argus -F /dev/null -r /flows.pcap -w /flows.argus 2>/dev/null
ra() { chroot "$root" ra -F /dev/null -n -r /flows.argus -s stime proto saddr sport dir daddr dport "$@"; }
out=$(ra -L -1 -c ,; ra -M json | python3 "$dir/tell.py")
echo "$out"
expected=$(sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self")
[ "$out" = "$expected" ] || { echo "changed; expected:" >&2; echo "$expected" >&2; exit 1; }
