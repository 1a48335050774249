# NetFlow v5 and v9, IPFIX and sFlow datagrams of the capture -> goflow2 -> `oddflow score -`, as JSON and as protobuf: as many flows are scored as
# the exporter says that it sent. Needs a compiled checkout: bash scripts/sensors/make-outputs.sh goflow2-pipe. Writes no fixture.
. ./goflow2-tools.sh
oddflow="node $PWD/../../packages/cli/bin/oddflow.js"
scripts=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A model of goflow2's flows.
cat "$OUT"/goflow2/*.ndjson "$OUT"/goflow2/protobuf/*.ndjson > "$work/past.ndjson"
$oddflow train "$work/past.ndjson" -o "$work/model.onnx" --hidden 16 --latent 4 --epochs 2 --clean off --context off > "$work/train.log" 2>&1
sent() { # LOG: the records that an exporter says that it sent
  sed -nE 's/.*Flows exported: +[0-9]+ \(([0-9]+) records\).*/\1/p' "$1" | tail -1
}
through() { # NAME SCHEME FORMAT SENDER
  unshare --net bash -euc '
    ip link set lo up
    cd "$1/exchange"
    # goflow2 ends the pipe when it is told to; its own log goes elsewhere.
    { chroot "$1" bash -c "exec goflow2 -listen \"$2://127.0.0.1:9995/?count=1&workers=1\" -format $3 -transport file" 2> goflow2.log & echo $! > goflow2.pid; wait; } |
      $5 score - -m "$6/model.onnx" --columns none > "$6/scored.ndjson" 2> "$6/summary.txt" & pipe=$!
    counting=; [ "$2" != sflow ] || { python3 "$7/count_samples.py" 9994 9995 "$6/samples.txt" & counting=$!; }
    sleep 3; chroot "$1" bash -c "cd /exchange; $4" > sender.log 2>&1 || true; sleep 3
    kill -INT $(cat goflow2.pid); [ -z "$counting" ] || kill $counting; wait $pipe' - "$cache/bookworm" "$2" "$3" "$4" "$oddflow" "$work" "$scripts"
  local scored exported
  scored=$(sed -nE 's/^flows +([0-9,]+) in.*/\1/p' "$work/summary.txt" | tr -d ,)
  # sfprobe does not say how many samples it sent; each datagram says how many it holds.
  if [ "$2" = sflow ]; then exported=$(sent "$work/samples.txt"); else exported=$(sent "$cache/bookworm/exchange/sender.log"); fi
  echo "$1, $3: $exported flows sent, $scored scored"
  [ -n "$exported" ] && [ "$scored" = "$exported" ] && [ "$(wc -l < "$work/scored.ndjson")" = "$scored" ] || failed=yes
}
failed=no
flows="softflowd -d -r capture.pcap -T full -n 127.0.0.1:9995"
for format in json bin; do
  through "NetFlow v5" netflow $format "timeout 30 $flows -v 5"
  through "NetFlow v9" netflow $format "timeout 30 $flows -v 9"
  through "IPFIX" netflow $format "timeout 30 $flows -v 10 -A milli"
  through "sFlow" sflow $format "sed s/9995/9994/ sfprobe.conf > counted.conf; timeout 30 pmacctd -f counted.conf"
done
[ $failed = no ]
