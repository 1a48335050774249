# Suricata of Debian 13 (7.0.10) and sid (8.0.7) on the capture, with its Debian configuration and netflow events switched on.
. ./places.sh
debian trixie suricata
debian sid suricata
events() { # RELEASE TIME-ZONE
  TZ=$2 inside "$1" "sed 's/#- netflow/- netflow/' /etc/suricata/suricata.yaml > suricata.yaml; rm -rf eve; mkdir eve
    suricata -c suricata.yaml -r capture.pcap -S /dev/null -k none -l eve > suricata.log 2>&1; cat eve/eve.json"
}
# first TYPE COUNT...: the first events of each type
first() {
  awk -v wanted="$*" 'BEGIN { n = split(wanted, w, " "); for (i = 1; i < n; i += 2) left[w[i]] = w[i + 1] }
    match($0, /"event_type":"[a-z]+"/) { type = substr($0, RSTART + 14, RLENGTH - 15); if (left[type]-- > 0) print }'
}
mkdir -p "$OUT/suricata"
cd "$OUT/suricata"
events trixie UTC > "$cache/eve.json"
first flow 20 netflow 14 dns 6 http 4 fileinfo 2 ssh 2 anomaly 1 stats 1 < "$cache/eve.json" > eve.json
first flow 40 < "$cache/eve.json" > eve-flow.json
events trixie Asia/Kolkata | first flow 12 dns 4 > eve-offset.json
events sid UTC | first flow 16 netflow 8 dns 4 http 2 > eve-8.json
