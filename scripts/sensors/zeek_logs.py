"""Writes Zeek's conn.log in its forms: python zeek_logs.py capture.pcap fixtures/sensors/zeek

Zeek itself is in none of the public registries that the other tools come from, so these are not its own outputs. Fields,
order, types, header lines, time and number forms follow the documentation of Zeek 8 (Log Formats, conn.log; the JSON
writer; the package json-streaming-logs) and its ASCII writer's options. The values are those of the capture, by
connections.py. Real logs of Zeek were looked at beside them.
"""

import gzip
import json
import random
import sys
from datetime import datetime, timezone
from pathlib import Path

from connections import read_connections

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FIELDS = [
    ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"), ("id.resp_h", "addr"), ("id.resp_p", "port"),
    ("proto", "enum"), ("service", "string"), ("duration", "interval"), ("orig_bytes", "count"), ("resp_bytes", "count"),
    ("conn_state", "string"), ("local_orig", "bool"), ("local_resp", "bool"), ("missed_bytes", "count"), ("history", "string"),
    ("orig_pkts", "count"), ("orig_ip_bytes", "count"), ("resp_pkts", "count"), ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"), ("ip_proto", "count"),
]
LINK_FIELDS = [("vlan", "int"), ("community_id", "string")]


def records_of(connections):
    draw = random.Random(7)
    for each in connections:
        orig, resp = each.sides
        alone = orig.packets + resp.packets == 1
        measured = not alone and not (each.proto == "tcp" and each.state == "S0")
        yield {
            "ts": round(each.first, 6),
            "uid": "C" + "".join(draw.choices(ALPHABET, k=17)),
            "id.orig_h": each.orig[0], "id.orig_p": each.orig[1], "id.resp_h": each.resp[0], "id.resp_p": each.resp[1],
            "proto": each.proto, "service": each.service,
            "duration": round(each.last - each.first, 6) if measured else None,
            "orig_bytes": orig.payload if measured else None, "resp_bytes": resp.payload if measured else None,
            "conn_state": each.state,
            "local_orig": each.orig[0].startswith(("192.0.2.", "2001:db8:1:")),
            "local_resp": each.resp[0].startswith(("192.0.2.", "2001:db8:1:")),
            "missed_bytes": 0, "history": each.history or None,
            "orig_pkts": orig.packets, "orig_ip_bytes": orig.ip_bytes, "resp_pkts": resp.packets, "resp_ip_bytes": resp.ip_bytes,
            "tunnel_parents": None, "ip_proto": each.ip_proto, "vlan": each.vlan, "community_id": None,
        }, each.logged_at


class Form:
    """A text form of Zeek's ASCII writer: what parts fields, and what stands for a value that is not there."""

    def __init__(self, separator="\t", unset="-", empty="(empty)", sets=","):
        self.separator, self.unset, self.empty, self.sets = separator, unset, empty, sets

    def head(self, fields, opened):
        named = [
            ("#set_separator", self.sets), ("#empty_field", self.empty), ("#unset_field", self.unset), ("#path", "conn"),
            ("#open", opened), ("#fields", *(name for name, _ in fields)), ("#types", *(kind for _, kind in fields)),
        ]
        return f"#separator \\x{ord(self.separator):02x}\n" + "".join(self.separator.join(line) + "\n" for line in named)

    def cell(self, value, kind):
        if value is None:
            return self.unset
        if kind in ("time", "interval"):
            return f"{value:.6f}"
        if kind == "bool":
            return "T" if value else "F"
        return str(value)

    def rows(self, records, fields):
        return "".join(self.separator.join(self.cell(record.get(n), k) for n, k in fields) + "\n" for record in records)

    def close(self, closed):
        return f"#close{self.separator}{closed}\n"


def moment(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc)


def iso(seconds):
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def json_line(record, *before, **changed):
    shown = {n: changed.get(n, record.get(n)) for n, _ in FIELDS if changed.get(n, record.get(n)) is not None}
    return json.dumps({**dict(before), **shown}, separators=(",", ":")) + "\n"


def labelled(record):
    """The three last columns of IoT-23's conn.log.labeled: parted by three spaces each, in one cell of the tabs."""
    scan = record["conn_state"] in ("S0", "REJ") and record["proto"] == "tcp"
    return {**record, "tunnel_parents": "(empty)   Malicious   PartOfAHorizontalPortScan" if scan else "(empty)   Benign   -"}


def main():
    capture, folder = sys.argv[1], Path(sys.argv[2])
    made = list(records_of(read_connections(capture)))
    records = [record for record, _ in made]
    opened, closed = "2026-02-03-09-00-30", "2026-02-03-10-05-00"
    folder.mkdir(parents=True, exist_ok=True)

    plain = Form()
    whole = plain.head(FIELDS, opened) + plain.rows(records, FIELDS)
    (folder / "conn.log").write_text(whole + plain.close(closed))

    marked = Form(separator="|", unset="NULL", empty="EMPTY", sets=";")
    few = [{**record, "tunnel_parents": "EMPTY" if i % 3 else "CbNCgO1MzloHRNeY4f;CUM0KZ3MLUfNB0cl11"} for i, record in enumerate(records[:60])]
    (folder / "conn-other-marks.log").write_text(marked.head(FIELDS, opened) + marked.rows(few, FIELDS) + marked.close(closed))

    # A Zeek that is started again with more scripts loaded goes on in the same file: the fields change half-way.
    shorter = [each for each in FIELDS if each[0] not in ("ip_proto", "local_orig", "local_resp")]
    later = [{**record, "community_id": "1:" + record["uid"][1:] + "qJ9BXkzxw5s="} for record in records[50:110]]
    (folder / "conn-fields-change.log").write_text(
        plain.head(shorter, opened) + plain.rows(records[:50], shorter) + plain.close("2026-02-03-09-30-00")
        + plain.head(FIELDS + LINK_FIELDS, "2026-02-03-09-30-01") + plain.rows(later, FIELDS + LINK_FIELDS) + plain.close(closed)
    )
    (folder / "conn-no-close.log").write_text(plain.head(FIELDS, opened) + plain.rows(records[:40], FIELDS))
    (folder / "conn-cut.log").write_text((plain.head(FIELDS, opened) + plain.rows(records[:40], FIELDS))[:-60])
    for hour, part in enumerate((records[:80], records[80:])):
        log = plain.head(FIELDS, opened) + plain.rows(part, FIELDS) + plain.close(closed)
        (folder / f"conn.2026-02-03-{9 + hour:02}.log.gz").write_bytes(gzip.compress(log.encode(), mtime=0))

    iot = [(n, k) for n, k in FIELDS if n not in ("tunnel_parents", "ip_proto")]
    iot += [("tunnel_parents   label   detailed-label", "set[string]   string   string")]
    rows = [{**labelled(record), iot[-1][0]: labelled(record)["tunnel_parents"]} for record in records[:90]]
    (folder / "conn-iot23.log.labeled").write_text(plain.head(iot, opened) + plain.rows(rows, iot) + plain.close(closed))

    (folder / "conn.json.log").write_text("".join(json_line(record) for record in records[:40]))
    (folder / "conn-iso.json.log").write_text("".join(json_line(record, ts=iso(record["ts"])) for record in records[:30]))
    (folder / "conn-streaming.json.log").write_text("".join(
        json_line(record, ("_path", "conn"), ("_write_ts", iso(logged)), ts=iso(record["ts"])) for record, logged in made[:30]
    ))


main()
