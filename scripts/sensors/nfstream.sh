# NFStream 6.6.0 from PyPI; it has wheels for Python 3.11.
. ./places.sh
python_with nfstream "${PYTHON311:-python3.11}" nfstream==6.6.0
mkdir -p "$OUT/nfstream"
"$cache/nfstream/bin/python" - "$CAPTURE" "$cache/nfstream.csv" <<'PY'
import sys
from nfstream import NFStreamer
if __name__ == "__main__":
    NFStreamer(source=sys.argv[1], statistical_analysis=True, accounting_mode=1).to_csv(path=sys.argv[2])
PY
sed -n 1,45p "$cache/nfstream.csv" > "$OUT/nfstream/flows.csv"
