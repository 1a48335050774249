# goflow2 from Go's proxy writes what softflowd (NetFlow v5 and v9, IPFIX) and pmacct's sfprobe (sFlow) of Debian 12 send it.
# Of each, twenty records from all over the capture. One worker: with more, two objects may come to stand on one line.
. ./goflow2-tools.sh
received() { # SCHEME SENDER
  inside bookworm "rm -f flows.ndjson
    goflow2 -listen '$1://127.0.0.1:9995/?count=1&workers=1' -format json -transport file -transport.file flows.ndjson \
      > goflow2.log 2>&1 & collector=\$!
    sleep 1; timeout 30 $2 > sender.log 2>&1 || true; sleep 1; kill -INT \$collector; wait \$collector || true; cat flows.ndjson"
}
flows="softflowd -d -r capture.pcap -T full -n 127.0.0.1:9995"
twenty() { awk -v every="$1" 'NR % every == 3 && printed++ < 20'; }
mkdir -p "$OUT/goflow2"
cd "$OUT/goflow2"
received netflow "$flows -v 5" | twenty 12 > netflow-v5.ndjson
received netflow "$flows -v 9" | twenty 13 > netflow-v9.ndjson
received netflow "$flows -v 9 -s 4" | twenty 7 > netflow-v9-sampled.ndjson
received netflow "$flows -v 10 -A milli" | twenty 13 > ipfix.ndjson
received sflow "pmacctd -f sfprobe.conf" | twenty 12 > sflow.ndjson
