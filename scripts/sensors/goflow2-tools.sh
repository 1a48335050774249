# goflow2 from Go's proxy, and what sends it datagrams: softflowd and pmacct of Debian 12. Sourced.
. ./places.sh
debian bookworm softflowd pmacct
GOBIN=$cache/go go install github.com/netsampler/goflow2/v2/cmd/goflow2@v2.2.6
cp --remove-destination "$cache/go/goflow2" "$cache/bookworm/usr/local/bin/"
cat > "$cache/bookworm/exchange/sfprobe.conf" <<'CONF'
daemonize: false
pcap_savefile: /exchange/capture.pcap
plugins: sfprobe
sfprobe_receiver: 127.0.0.1:9995
sfprobe_agentip: 192.0.2.1
sampling_rate: 4
CONF
