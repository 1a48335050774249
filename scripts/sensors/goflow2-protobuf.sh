# Two of goflow2 get the same datagrams, of the senders of goflow2.sh: one writes JSON, the other its protobuf without anything
# between messages. Of each twenty flows from all over the capture; when a datagram was received, each says for itself.
. ./goflow2-tools.sh
scripts=$PWD
exchange=$cache/bookworm/exchange
both() { # SCHEME SENDER
  unshare --net bash -euc '
    ip link set lo up
    collect() { # PORT FORMAT FILE SEPARATOR
      chroot "$1" bash -c "cd /exchange; rm -f $4; exec goflow2 -listen \"$2://127.0.0.1:$3/?count=1&workers=1\" -addr 127.0.0.1:1$3 \
        -format $5 -transport file -transport.file $4 $6" > "$1/exchange/goflow2-$3.log" 2>&1 &
    }
    collect "$1" "$2" 9996 both.ndjson json ""; collect "$1" "$2" 9997 both.bin bin "-transport.file.sep \"\""
    collectors=$(jobs -p)
    python3 "$4/twice.py" 9995 9996 9997 & twice=$!
    sleep 2; chroot "$1" bash -c "cd /exchange; timeout 30 $3" > "$1/exchange/sender.log" 2>&1 || true; sleep 2
    kill -INT $collectors; kill $twice; wait $collectors || true' - "$cache/bookworm" "$1" "$2" "$scripts"
}
some() { # NAME
  python3 "$scripts/some_messages.py" "$exchange/both.bin" "$exchange/both.ndjson" "$1.bin" "$1.ndjson"
}
flows="softflowd -d -r capture.pcap -T full -n 127.0.0.1:9995"
mkdir -p "$OUT/goflow2/protobuf"
cd "$OUT/goflow2/protobuf"
both netflow "$flows -v 5"; some netflow-v5
both netflow "$flows -v 9 -s 4"; some netflow-v9-sampled
both netflow "$flows -v 10 -A milli"; some ipfix
both sflow "pmacctd -f sfprobe.conf"; some sflow
