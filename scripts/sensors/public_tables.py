"""Writes made-up rows in the forms of public research sets: python public_tables.py capture.pcap fixtures/sensors

No row is from the sets themselves. Columns, their order and the peculiar cells follow the sets' own descriptions:
UNSW-NB15 (NUSW-NB15_features.csv and the four raw files; the training and testing sets), KDD Cup 1999 (kddcup.names),
NSL-KDD (KDDTrain+.txt), CIC-IDS2017 (MachineLearningCSV). Values are this capture's, by ra's fields in
argus/ra-fields.csv, by connections.py, and by CICFlowMeter in cicflowmeter/java.csv.
"""

import csv
import sys
from collections import deque
from pathlib import Path

from connections import SERVICES, read_connections

UNSW_RAW = (
    "srcip sport dstip dsport proto state dur sbytes dbytes sttl dttl sloss dloss service Sload Dload Spkts Dpkts swin dwin stcpb "
    "dtcpb smeansz dmeansz trans_depth res_bdy_len Sjit Djit Stime Ltime Sintpkt Dintpkt tcprtt synack ackdat is_sm_ips_ports "
    "ct_state_ttl ct_flw_http_mthd is_ftp_login ct_ftp_cmd ct_srv_src ct_srv_dst ct_dst_ltm ct_src_ltm ct_src_dport_ltm "
    "ct_dst_sport_ltm ct_dst_src_ltm attack_cat Label"
).split()
UNSW_SPLIT = (
    "id dur proto service state spkts dpkts sbytes dbytes rate sttl dttl sload dload sloss dloss sinpkt dinpkt sjit djit swin stcpb "
    "dtcpb dwin tcprtt synack ackdat smean dmean trans_depth response_body_len ct_srv_src ct_state_ttl ct_dst_ltm ct_src_dport_ltm "
    "ct_dst_sport_ltm ct_dst_src_ltm is_ftp_login ct_ftp_cmd ct_flw_http_mthd ct_src_ltm ct_srv_dst is_sm_ips_ports attack_cat label"
).split()
SPLIT_NAMES = {"smean": "smeansz", "dmean": "dmeansz", "response_body_len": "res_bdy_len", "sinpkt": "Sintpkt", "dinpkt": "Dintpkt"}


def number(cell, digits=6):
    return f"{float(cell or 0):.{digits}f}".rstrip("0").rstrip(".") or "0"


def unsw_rows(ra_file):
    """One dictionary a flow, with the columns of the raw files; counters look back over a hundred flows."""
    seen = deque(maxlen=100)
    for flow in csv.DictReader(open(ra_file)):
        proto = {"ipv6-icmp": "icmp"}.get(flow["Proto"], flow["Proto"])
        service = SERVICES.get(int(flow["Dport"], 0) if flow["Dport"] else 0, "-") if proto in ("tcp", "udp") else "-"
        ends = (flow["SrcAddr"], flow["Sport"], flow["DstAddr"], flow["Dport"], service, proto, flow["State"])
        seen.append(ends)
        count = lambda *positions: sum(all(other[p] == ends[p] for p in positions) for other in seen)
        spkts, dpkts, dur = int(flow["SrcPkts"]), int(flow["DstPkts"]), float(flow["Dur"])
        scan = proto == "tcp" and flow["State"] in ("REQ", "RST") and spkts == 1
        web = service == "http" and int(flow["DstBytes"]) > 400
        gap = lambda packets: dur * 1000 / (packets - 1) if packets > 1 else 0
        yield {
            "srcip": flow["SrcAddr"], "sport": flow["Sport"] or "0", "dstip": flow["DstAddr"], "dsport": flow["Dport"] or "-",
            "proto": proto, "state": flow["State"], "dur": number(dur), "sbytes": flow["SrcBytes"], "dbytes": flow["DstBytes"],
            "sttl": flow["sTtl"] or "0", "dttl": flow["dTtl"] or "0", "sloss": "0", "dloss": flow["Loss"], "service": service,
            "Sload": number(flow["SrcLoad"]), "Dload": number(flow["DstLoad"]), "Spkts": spkts, "Dpkts": dpkts,
            "swin": 255 if proto == "tcp" else 0, "dwin": 255 if proto == "tcp" and dpkts else 0,
            "stcpb": int(flow["SrcTCPBase"] or 0), "dtcpb": int(flow["DstTCPBase"] or 0),
            "smeansz": round(float(flow["sMeanPktSz"])), "dmeansz": round(float(flow["dMeanPktSz"])),
            "trans_depth": 1 if web else 0, "res_bdy_len": int(flow["DstBytes"]) - 300 if web else 0,
            "Sjit": number(flow["SrcJitter"]), "Djit": number(flow["DstJitter"]),
            "Stime": int(float(flow["StartTime"])), "Ltime": int(float(flow["LastTime"])),
            "Sintpkt": number(gap(spkts)), "Dintpkt": number(gap(dpkts)), "tcprtt": number(flow["TcpRtt"]),
            "synack": number(flow["SynAck"]), "ackdat": number(flow["AckDat"]), "is_sm_ips_ports": 0,
            "ct_state_ttl": 2 if flow["State"] == "INT" else 0,
            "ct_flw_http_mthd": 1 if web else 0, "is_ftp_login": 0, "ct_ftp_cmd": 0,
            "ct_srv_src": count(0, 4), "ct_srv_dst": count(2, 4), "ct_dst_ltm": count(2), "ct_src_ltm": count(0),
            "ct_src_dport_ltm": count(0, 3), "ct_dst_sport_ltm": count(2, 1), "ct_dst_src_ltm": count(0, 2),
            "attack_cat": "Reconnaissance" if scan else "", "Label": int(scan), "rate": number(flow["Rate"]),
        }


def write_unsw(rows, folder):
    folder.mkdir(parents=True, exist_ok=True)
    raw = []
    for at, row in enumerate(rows):
        row = dict(row)
        # As in the raw files: the last two thirds leave these blank (the command's count as a space), and kinds have spaces.
        if at >= len(rows) // 3:
            row.update(is_ftp_login="", ct_ftp_cmd=" ", ct_flw_http_mthd=row["ct_flw_http_mthd"] or "")
        if row["attack_cat"]:
            row["attack_cat"] = (" Reconnaissance ", "Reconnaissance", " Fuzzers ")[at % 3]
        raw.append(",".join(str(row[name]) for name in UNSW_RAW))
    (folder / "raw.csv").write_bytes(b"\xef\xbb\xbf" + ("\r\n".join(raw) + "\r\n").encode())
    with open(folder / "training-set.csv", "w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(UNSW_SPLIT)
        for at, row in enumerate(rows):
            row = {**row, "id": at + 1, "label": row["Label"], "attack_cat": row["attack_cat"] or "Normal"}
            by_small_name = {name.lower(): value for name, value in row.items()}
            writer.writerow([by_small_name[SPLIT_NAMES.get(name, name).lower()] for name in UNSW_SPLIT])


def kdd_rows(connections):
    """Cells of KDD's 41 features. What looks into packets (logins, shells, files) is 0; rates have two digits."""
    names = {"dns": "domain_u", "http": "http", "ssh": "ssh", "ntp": "ntp_u"}
    past = deque(maxlen=100)
    for each in connections:
        orig, resp = each.sides
        icmp = "eco_i" if each.orig[1] in (8, 128) else "urp_i"
        service = icmp if each.proto == "icmp" else names.get(SERVICES.get(each.resp[1]), "private")
        flag = {"RSTR": "RSTR", "RSTO": "RSTO", "REJ": "REJ", "S0": "S0" if each.proto == "tcp" else "SF", "S1": "S1"}.get(each.state, "SF")
        mine = (each.resp[0], service, flag, each.orig[1])
        recent = [other for other, time in past if each.first - time <= 2] + [mine]
        past.append((mine, each.first))
        last = [other for other, _ in past]
        rate = lambda part, whole: f"{len(part) / len(whole):.2f}" if whole else "0.00"

        def rates(of, others):
            return [
                rate([o for o in others if o[2] in flags], others) for flags in (("S0", "S1"), ("REJ", "RSTR", "RSTO"))
            ]

        host, same = [o for o in recent if o[0] == mine[0]], [o for o in recent if o[1] == mine[1]]
        dst_host, dst_same = [o for o in last if o[0] == mine[0]], [o for o in last if o[1] == mine[1]]
        both = [o for o in dst_host if o[1] == mine[1]]
        syn, rej = rates(mine, host)
        srv_syn, srv_rej = rates(mine, same)
        dst_syn, dst_rej = rates(mine, dst_host)
        dst_srv_syn, dst_srv_rej = rates(mine, dst_same)
        cells = [
            int(each.last - each.first), each.proto, service, flag, orig.payload, resp.payload, 0, 0, 0, 0, 0,
            int(service == "ssh"), *[0] * 10, len(host), len(same), syn, srv_syn, rej, srv_rej,
            rate([o for o in host if o[1] == mine[1]], host), rate([o for o in host if o[1] != mine[1]], host),
            rate([o for o in same if o[0] != mine[0]], same), len(dst_host), len(dst_same), rate(both, dst_host),
            rate([o for o in dst_host if o[1] != mine[1]], dst_host), rate([o for o in dst_host if o[3] == mine[3]], dst_host),
            rate([o for o in dst_same if o[0] != mine[0]], dst_same), dst_syn, dst_srv_syn, dst_rej, dst_srv_rej,
        ]
        assert len(cells) == 41
        scan = each.proto == "tcp" and each.state in ("REJ", "S0")
        yield ",".join(map(str, cells)), "portsweep" if scan else "normal"


def write_kdd(connections, folder):
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(kdd_rows(connections))[:80]
    write = lambda name, line: (folder / name).write_text("".join(line(at, *row) + "\n" for at, row in enumerate(rows)))
    write("kdd99.txt", lambda _, cells, kind: f"{cells},{kind}.")
    write("nsl-kdd.txt", lambda at, cells, kind: f"{cells},{kind},{21 - at % 7 % 4}")
    write("nsl-kdd-no-difficulty.txt", lambda _, cells, kind: f"{cells},{kind}")


IDS2017 = [  # CIC-IDS2017's name, and the name that CICFlowMeter 4 gives the same measure
    (" Destination Port", "Dst Port"), (" Flow Duration", "Flow Duration"), (" Total Fwd Packets", "Total Fwd Packet"),
    (" Total Backward Packets", "Total Bwd packets"), ("Total Length of Fwd Packets", "Total Length of Fwd Packet"),
    (" Total Length of Bwd Packets", "Total Length of Bwd Packet"), (" Fwd Packet Length Max", "Fwd Packet Length Max"),
    (" Fwd Packet Length Min", "Fwd Packet Length Min"), (" Fwd Packet Length Mean", "Fwd Packet Length Mean"),
    (" Fwd Packet Length Std", "Fwd Packet Length Std"), ("Bwd Packet Length Max", "Bwd Packet Length Max"),
    (" Bwd Packet Length Min", "Bwd Packet Length Min"), (" Bwd Packet Length Mean", "Bwd Packet Length Mean"),
    (" Bwd Packet Length Std", "Bwd Packet Length Std"), ("Flow Bytes/s", "Flow Bytes/s"), (" Flow Packets/s", "Flow Packets/s"),
    (" Flow IAT Mean", "Flow IAT Mean"), (" Flow IAT Std", "Flow IAT Std"), (" Flow IAT Max", "Flow IAT Max"),
    (" Flow IAT Min", "Flow IAT Min"), ("Fwd IAT Total", "Fwd IAT Total"), (" Fwd IAT Mean", "Fwd IAT Mean"),
    (" Fwd IAT Std", "Fwd IAT Std"), (" Fwd IAT Max", "Fwd IAT Max"), (" Fwd IAT Min", "Fwd IAT Min"),
    ("Bwd IAT Total", "Bwd IAT Total"), (" Bwd IAT Mean", "Bwd IAT Mean"), (" Bwd IAT Std", "Bwd IAT Std"),
    (" Bwd IAT Max", "Bwd IAT Max"), (" Bwd IAT Min", "Bwd IAT Min"), ("Fwd PSH Flags", "Fwd PSH Flags"),
    (" Bwd PSH Flags", "Bwd PSH Flags"), (" Fwd URG Flags", "Fwd URG Flags"), (" Bwd URG Flags", "Bwd URG Flags"),
    (" Fwd Header Length", "Fwd Header Length"), (" Bwd Header Length", "Bwd Header Length"), ("Fwd Packets/s", "Fwd Packets/s"),
    (" Bwd Packets/s", "Bwd Packets/s"), (" Min Packet Length", "Packet Length Min"), (" Max Packet Length", "Packet Length Max"),
    (" Packet Length Mean", "Packet Length Mean"), (" Packet Length Std", "Packet Length Std"),
    (" Packet Length Variance", "Packet Length Variance"), ("FIN Flag Count", "FIN Flag Count"), (" SYN Flag Count", "SYN Flag Count"),
    (" RST Flag Count", "RST Flag Count"), (" PSH Flag Count", "PSH Flag Count"), (" ACK Flag Count", "ACK Flag Count"),
    (" URG Flag Count", "URG Flag Count"), (" CWE Flag Count", "CWR Flag Count"), (" ECE Flag Count", "ECE Flag Count"),
    (" Down/Up Ratio", "Down/Up Ratio"), (" Average Packet Size", "Average Packet Size"), (" Avg Fwd Segment Size", "Fwd Segment Size Avg"),
    (" Avg Bwd Segment Size", "Bwd Segment Size Avg"), (" Fwd Header Length", "Fwd Header Length"),
    ("Fwd Avg Bytes/Bulk", "Fwd Bytes/Bulk Avg"), (" Fwd Avg Packets/Bulk", "Fwd Packet/Bulk Avg"),
    (" Fwd Avg Bulk Rate", "Fwd Bulk Rate Avg"), (" Bwd Avg Bytes/Bulk", "Bwd Bytes/Bulk Avg"),
    (" Bwd Avg Packets/Bulk", "Bwd Packet/Bulk Avg"), ("Bwd Avg Bulk Rate", "Bwd Bulk Rate Avg"),
    ("Subflow Fwd Packets", "Subflow Fwd Packets"), (" Subflow Fwd Bytes", "Subflow Fwd Bytes"),
    (" Subflow Bwd Packets", "Subflow Bwd Packets"), (" Subflow Bwd Bytes", "Subflow Bwd Bytes"),
    ("Init_Win_bytes_forward", "FWD Init Win Bytes"), (" Init_Win_bytes_backward", "Bwd Init Win Bytes"),
    (" act_data_pkt_fwd", "Fwd Act Data Pkts"), (" min_seg_size_forward", "Fwd Seg Size Min"), ("Active Mean", "Active Mean"),
    (" Active Std", "Active Std"), (" Active Max", "Active Max"), (" Active Min", "Active Min"), ("Idle Mean", "Idle Mean"),
    (" Idle Std", "Idle Std"), (" Idle Max", "Idle Max"), (" Idle Min", "Idle Min"),
]


def write_ids2017(folder):
    """CIC-IDS2017's form: a space before names, one name twice, Infinity and NaN rates, a Windows-1252 dash in labels."""
    rows = list(csv.DictReader(open(folder / "java.csv")))
    head = ",".join([name for name, _ in IDS2017] + [" Label"])
    lines = [head]
    for at, row in enumerate(rows[:36]):
        cells = {ours: row[theirs] for ours, theirs in IDS2017}
        # In the set a flow without duration has no rate: 0 / 0 bytes is NaN, packets / 0 Infinity.
        if at % 19 == 7:
            cells.update({" Flow Duration": "0", "Flow Bytes/s": "NaN" if at % 2 else "Infinity", " Flow Packets/s": "Infinity"})
        label = ("Web Attack \x96 Brute Force", "PortScan", "DDoS")[at // 11 % 3] if at % 11 == 0 else "BENIGN"
        lines.append(",".join([cells[name] for name, _ in IDS2017] + [label]))
    data = "\r\n".join(lines) + "\r\n"
    (folder / "cic-ids2017.csv").write_bytes(data.encode("latin-1"))

    # As in CSE-CIC-IDS2018's files: the header line again between rows, and another date's form.
    plain = list(csv.reader(open(folder / "java.csv")))
    again = plain[:16] + [plain[0]] + plain[16:28]
    with open(folder / "java-header-again.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for at, row in enumerate(again):
            day = row[6].split(" ")[0]
            if at and day[:1].isdigit():
                time = row[6].split(" ")
                row = [*row[:6], f"{day} {time[1]}", *row[7:]]
            writer.writerow(row)


def main():
    capture, fixtures = sys.argv[1], Path(sys.argv[2])
    write_unsw(list(unsw_rows(fixtures / "argus" / "ra-fields.csv"))[:150], fixtures / "unsw-nb15")
    write_kdd(read_connections(capture), fixtures / "kdd")
    write_ids2017(fixtures / "cicflowmeter")


main()
