# softflowd sends IPFIX to nfcapd (Debian 12); nfdump of Debian 12 (1.7.1), 13 (1.7.5) and sid (1.7.10) print the same file,
# and nfdump of Debian 11 (1.6.22), which cannot read it, one that its own nfcapd wrote of NetFlow v9.
. ./places.sh
debian bookworm softflowd nfdump
debian trixie nfdump
debian sid nfdump
debian bullseye softflowd nfdump
collect() { # RELEASE SOFTFLOWD-OPTIONS: the last minute of what nfcapd got is written when it ends
  inside "$1" "rm -rf flows; mkdir flows
    nfcapd -w flows -l flows -b 127.0.0.1 -p 9995 -t 3600 > nfcapd.log 2>&1 & collector=\$!
    sleep 1; softflowd -d -r capture.pcap -T full -n 127.0.0.1:9995 $2 > softflowd.log 2>&1; sleep 1
    kill -INT \$collector; wait \$collector || true; mv flows/nfcapd.* whole.nfcapd"
}
collect bookworm "-v 10 -A milli"
collect bullseye "-v 9"
inside bookworm "nfdump -r whole.nfcapd -c 120 -w flows.nfcapd > /dev/null"
cp "$cache/bookworm/exchange/whole.nfcapd" "$cache/trixie/exchange/"
cp "$cache/bookworm/exchange/whole.nfcapd" "$cache/sid/exchange/"
mkdir -p "$OUT/nfdump"
cd "$OUT/nfdump"
cp "$cache/bookworm/exchange/flows.nfcapd" nfcapd.202602030900
nfdump() { inside "$1" "nfdump -r whole.nfcapd $2"; }
nfdump bullseye "-o csv -c 30" > nfdump-1.6.22.csv
nfdump bookworm "-o csv -c 50" > nfdump-1.7.1.csv
nfdump bookworm "-q -o csv -c 20" > nfdump-1.7.1-quiet.csv
nfdump bookworm "-o json -c 24" > nfdump-1.7.1.json
nfdump trixie "-o csv -c 150" > nfdump-1.7.5.csv
nfdump trixie "-o json -c 16" > nfdump-1.7.5.json
nfdump trixie "-q -o ndjson -c 30" > nfdump-1.7.5.ndjson
nfdump sid "-q -o ndjson -c 10" > nfdump-1.7.10.ndjson
