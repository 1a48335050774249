#!/usr/bin/env bash
# Package: Debian 12's softflowd 1.1.0-1+b1 as the exporter; its nfdump 1.7.1-2+deb12u1, its pmacct 1.7.7-1+b1 (nfacctd)
#   and the Go module github.com/netsampler/goflow2/v2 v2.2.6 (one worker) as collectors.
# Behaviour: a NetFlow v9 datagram says in its header how many records it holds, templates counted (RFC 3954). In the datagrams that
#   carry its templates softflowd counts the flows alone: four templates, an options template, an options record and one flow
#   are "1". nfcapd does not look at the count and has every flow. goflow2 and nfacctd stop where it says, in the templates,
#   so where few flows are sent at a time, as a quiet network's are, the flows beside templates are lost without a word.
#   With many flows in the datagram the count reaches over the templates and none is lost. IPFIX has no such count: nothing is lost.
# Seen on 2026-11-28 (n UDP flows, sent in one datagram; the count in the header, and how many flows arrive):
#   version 9, 1 flows, count 1: nfdump 1, pmacct 0, goflow2 0
#   version 9, 4 flows, count 4: nfdump 4, pmacct 0, goflow2 0
#   version 9, 10 flows, count 10: nfdump 10, pmacct 10, goflow2 10
#   version 10, 1 flows: nfdump 1, pmacct 1, goflow2 1
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
    for flow in range(int(sys.argv[2])):
        data = frame(4000 + flow)
        out.write(struct.pack("<IIII", start + flow, 0, len(data), len(data)) + data)
PY
cat > listen.py <<'PY'
# Prints the count in the header of each datagram.
import signal, socket, struct, sys
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    print(*struct.unpack("!HH", sock.recv(65535)[:4])[1:], flush=True)
PY
free_port() {
  python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# collect VERSION COMMAND...: runs a collector, which finds its port in $port, while softflowd sends
collect() {
  "${@:2}" >log 2>&1 &
  collector=$!
  sleep 3
  softflowd -d -r flows.pcap -v "$1" -T full -n "127.0.0.1:$port" >/dev/null 2>&1
  sleep 2
  kill -INT "$collector"
  wait "$collector" || true
  collector=
}
seen() { # VERSION FLOWS
  port=$(free_port)
  python3 capture.py flows.pcap "$2"
  local count="" nfdump pmacct goflow2
  if [ "$1" = 9 ]; then
    collect "$1" python3 listen.py "$port"
    count=", count $(tr '\n' ' ' < log | sed 's/ $//')"
  fi
  rm -rf nf && mkdir nf
  collect "$1" nfcapd -w nf -l nf -b 127.0.0.1 -p "$port" -t 3600
  nfdump=$(nfdump -q -r nf/nfcapd.* -o fmt:%pkt | grep -c .)
  printf '%s\n' "daemonize: false" "nfacctd_ip: 127.0.0.1" "nfacctd_port: $port" "plugins: print" \
    "aggregate: src_host, src_port" "print_output: csv" "print_output_file: $dir/pm.csv" "print_refresh_time: 3600" > pm.conf
  rm -f pm.csv
  collect "$1" nfacctd -f pm.conf
  pmacct=$( [ ! -e pm.csv ] && echo 0 || tail -n +2 pm.csv | grep -c . || true)
  rm -f go.ndjson
  collect "$1" ./goflow2 -listen "netflow://127.0.0.1:$port/?count=1&workers=1" -format json -transport file -transport.file go.ndjson
  goflow2=$(grep -c . go.ndjson || true)
  echo "version $1, $2 flows$count: nfdump $nfdump, pmacct $pmacct, goflow2 $goflow2"
}
out=$(seen 9 1; seen 9 4; seen 9 10; seen 10 1)
echo "$out"
expected=$(sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self")
[ "$out" = "$expected" ] || { echo "changed; expected:" >&2; echo "$expected" >&2; exit 1; }
