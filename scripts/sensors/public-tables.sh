# Made-up rows in the forms of public research sets, from the other sensors' outputs of the capture.
. ./places.sh
"$cache/capture/bin/python" public_tables.py "$CAPTURE" "$OUT"
