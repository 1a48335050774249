# Argus and its `ra`, of Debian 12 (3.0.8.2) and Debian 13 (5.0.2).
. ./places.sh
fields="stime ltime dur proto saddr sport dir daddr dport state stos dtos pkts bytes spkts dpkts sbytes dbytes rate load \
sload dload loss sttl dttl swin dwin stcpb dtcpb tcprtt synack ackdat smeansz dmeansz sjit djit"
debian bookworm argus-server argus-client
debian trixie argus-server argus-client
for release in bookworm trixie; do
  inside $release "argus -F /dev/null -r capture.pcap -w - > flows.argus"
done
ra() { inside "$1" "ra -F /dev/null -n -r flows.argus -c , $2"; }
mkdir -p "$OUT/argus"
cd "$OUT/argus"
ra bookworm "" > ra.csv
ra bookworm "-L -1 -N 60" > ra-no-header.csv
ra bookworm "-L 20 -N 60" > ra-header-again.csv
ra bookworm "-s +dur +sttl +dttl +svlan +sload +dload -N 60" > ra-more.csv
ra bookworm "-u -s $fields - not man" | sed -n 1,101p > ra-fields.csv
ra trixie "-N 100" > ra-5.csv
ra trixie "-u -s $fields -N 40" > ra-5-fields.csv
ra trixie "-M json -N 30" > ra-5.json
