#!/usr/bin/env bash
# Package: Debian 12's softflowd 1.1.0-1+b1 as the exporter; its nfdump 1.7.1-2+deb12u1, its pmacct 1.7.7-1+b1 (nfacctd_renormalize)
#   and the Go module github.com/netsampler/goflow2/v2 v2.2.6 as collectors.
# Behaviour: how many bytes a sampled flow has depends on the collector and on the version of NetFlow, with one exporter that says
#   its rate in all three: softflowd -s 4 takes a packet in four, and has 4 in v5's header, samplingInterval 4 in v9's options,
#   samplingPacketInterval 1 with samplingPacketSpace 3 in IPFIX's (RFC 5477: 1 of 1 + 3). nfcapd multiplies v5, and takes v9 and
#   IPFIX for unsampled, without a word. pmacct multiplies all three. goflow2 never multiplies and gives a sampling_rate: 4 for
#   v5 and v9, but 1 for IPFIX, which is the packet interval without the space. Unsampled is 0 in v5 and 1 in the others. So bytes
#   times sampling_rate is right for a sampled v5 and v9, a quarter of the truth for IPFIX, and 0 for an unsampled v5.
# Seen on 2026-11-28 (ten UDP flows, in all 400 packets and 40,000 bytes; the flows' packets/bytes, summed):
#   version 5, one in 1: nfdump 400/40000, pmacct 400/40000, goflow2 400/40000 rate 0
#   version 9, one in 1: nfdump 400/40000, pmacct 400/40000, goflow2 400/40000 rate 1
#   version 10, one in 1: nfdump 400/40000, pmacct 400/40000, goflow2 400/40000 rate 1
#   version 5, one in 4: nfdump 400/40000, pmacct 400/40000, goflow2 100/10000 rate 4
#   version 9, one in 4: nfdump 100/10000, pmacct 400/40000, goflow2 100/10000 rate 4
#   version 10, one in 4: nfdump 100/10000, pmacct 400/40000, goflow2 100/10000 rate 1
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
collector=
trap '[ -z "$collector" ] || kill "$collector" 2>/dev/null || true; rm -rf "$dir"' EXIT
apt-get update >/dev/null 2>&1
apt-get install -y --no-install-recommends softflowd=1.1.0-1+b1 nfdump=1.7.1-2+deb12u1 pmacct=1.7.7-1+b1 >/dev/null 2>&1
GOBIN="$dir" go install github.com/netsampler/goflow2/v2/cmd/goflow2@v2.2.6 >/dev/null 2>&1
cd "$dir"
cat > capture.py <<'PY'
import socket, struct, sys
start = 1767268800  # 2026-01-01T12:00:00Z
def frame(port):
    udp = struct.pack("!HHHH", port, 5001, 80, 0) + bytes(72)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0)
    ip += socket.inet_aton("192.0.2.1") + socket.inet_aton("198.51.100.1")
    return bytes.fromhex("020000000002 020000000001 0800") + ip + udp
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for i in range(400):
        data = frame(4000 + i // 40)
        out.write(struct.pack("<IIII", start + i // 100, i % 100 * 10_000, len(data), len(data)) + data)
PY
python3 capture.py flow.pcap
free_port() {
  python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# collect VERSION RATE COMMAND...: runs a collector, which finds its port in $port, while softflowd sends
collect() {
  "${@:3}" >log 2>&1 &
  collector=$!
  sleep 3
  softflowd -d -r flow.pcap -v "$1" -s "$2" -T full -n "127.0.0.1:$port" >/dev/null 2>&1
  sleep 2
  kill -INT "$collector"
  wait "$collector" || true
  collector=
}
seen() { # VERSION RATE
  port=$(free_port)
  rm -rf nf && mkdir nf
  collect "$1" "$2" nfcapd -w nf -l nf -b 127.0.0.1 -p "$port" -t 3600
  local nfdump pmacct goflow2
  nfdump=$(nfdump -q -r nf/nfcapd.* -o 'fmt:%pkt %byt' | awk '{ packets += $1; bytes += $2 } END { print packets "/" bytes }')
  printf '%s\n' "daemonize: false" "nfacctd_ip: 127.0.0.1" "nfacctd_port: $port" "nfacctd_renormalize: true" "plugins: print" \
    "aggregate: src_host, dst_host" "print_output: csv" "print_output_file: $dir/pm.csv" "print_refresh_time: 3600" > pm.conf
  rm -f pm.csv
  collect "$1" "$2" nfacctd -f pm.conf
  pmacct=$(awk -F , 'NR > 1 { packets += $3; bytes += $4 } END { print packets "/" bytes }' pm.csv)
  rm -f go.ndjson
  collect "$1" "$2" ./goflow2 -listen "netflow://127.0.0.1:$port/?count=1&workers=1" -format json -transport file -transport.file go.ndjson
  goflow2=$(python3 -c '
import json
flows = [json.loads(line) for line in open("go.ndjson")]
rates = "/".join(sorted({str(flow["sampling_rate"]) for flow in flows}))
print(sum(flow["packets"] for flow in flows), "/", sum(flow["bytes"] for flow in flows), " rate ", rates, sep="")')
  echo "version $1, one in $2: nfdump $nfdump, pmacct $pmacct, goflow2 $goflow2"
}
out=$(for rate in 1 4; do for version in 5 9 10; do seen $version $rate; done; done)
echo "$out"
expected=$(sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self")
[ "$out" = "$expected" ] || { echo "changed; expected:" >&2; echo "$expected" >&2; exit 1; }
