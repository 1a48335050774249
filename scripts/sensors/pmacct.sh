# pmacct of Debian 12 (1.7.7): nfacctd collects softflowd's IPFIX, pmacctd reads the capture; both print.
. ./places.sh
debian bookworm softflowd pmacct
key="src_host, dst_host, src_port, dst_port, proto, tos, tcpflags"
config() { # NAME LINE...
  printf '%s\n' "daemonize: false" "plugins: print" "print_output_file: /exchange/$1.out" "print_refresh_time: 3600" \
    "print_cache_entries: 16411" "${@:2}" > "$cache/bookworm/exchange/$1.conf"
}
printed() { # NAME COMMAND
  inside bookworm "rm -f $1.out; { $2; } > $1.log 2>&1; cat $1.out"
}
collector=("nfacctd_ip: 127.0.0.1" "nfacctd_port: 9995" "aggregate: $key, timestamp_start, timestamp_end, timestamp_arrival")
config json "${collector[@]}" "print_output: json"
config csv "${collector[@]}" "print_output: csv" "timestamps_since_epoch: true"
capture=("pcap_savefile: /exchange/capture.pcap" "aggregate: $key, vlan, etype, timestamp_start, timestamp_end")
config packets-json "${capture[@]}" "print_output: json"
config packets-csv "${capture[@]}" "print_output: csv"
config totals "pcap_savefile: /exchange/capture.pcap" "aggregate: src_host, dst_host, src_port, dst_port, proto, tos" \
  "print_output: csv"
collect() {
  printed "$1" "nfacctd -f $1.conf & collector=\$!
    sleep 2; softflowd -d -r capture.pcap -v 10 -A milli -T full -n 127.0.0.1:9995; sleep 2; kill -INT \$collector
    wait \$collector || true"
}
mkdir -p "$OUT/pmacct"
cd "$OUT/pmacct"
collect json | sed -n 1,45p > nfacctd.json
collect csv | sed -n 1,120p > nfacctd.csv
printed packets-json "pmacctd -f packets-json.conf" | sed -n 1,20p > pmacctd.json
printed packets-csv "pmacctd -f packets-csv.conf" | sed -n 1,60p > pmacctd.csv
printed totals "pmacctd -f totals.conf" | sed -n 1,120p > pmacctd-totals.csv
