# Zeek is in none of the registries that the other tools come from; its logs follow its documentation.
. ./places.sh
"$cache/capture/bin/python" zeek_logs.py "$CAPTURE" "$OUT/zeek"
