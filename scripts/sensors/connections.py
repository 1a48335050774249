"""Connections of a capture as Zeek's documentation of conn.log has them, for logs that no installable Zeek can write.

`read_connections(path)` gives them in the order in which Zeek would log them: when they are over, not when they began.
"""

from dataclasses import dataclass, field

from scapy.all import DNS, ICMP, IP, TCP, UDP, ICMPv6EchoReply, ICMPv6EchoRequest, IPv6, rdpcap

# Seconds of silence after which a connection that did not end itself is over: Zeek's tcp_attempt_delay,
# tcp_inactivity_timeout, udp_inactivity_timeout and icmp_inactivity_timeout.
ATTEMPT, SILENCE = 5, {"tcp": 300, "udp": 60, "icmp": 60}
SERVICES = {22: "ssh", 53: "dns", 80: "http", 123: "ntp", 8080: "http"}


@dataclass
class Side:
    packets: int = 0
    ip_bytes: int = 0
    payload: int = 0
    flags: str = ""


@dataclass
class Connection:
    proto: str
    ip_proto: int
    orig: tuple
    resp: tuple
    first: float
    last: float
    vlan: int | None
    history: str = ""
    sides: tuple = field(default_factory=lambda: (Side(), Side()))

    def add(self, time, from_resp, ip_bytes, payload, letters, flags):
        side = self.sides[from_resp]
        side.packets += 1
        side.ip_bytes += ip_bytes
        side.payload += payload
        side.flags += flags
        self.last = time
        for letter in letters:
            shown = letter.lower() if from_resp else letter.upper()
            if shown not in self.history:
                self.history += shown

    @property
    def state(self):
        orig, resp = self.sides
        if self.proto == "icmp":
            return "OTH"
        if self.proto == "udp":
            return "SF" if resp.packets else "S0"
        if "S" in resp.flags:
            if "R" in orig.flags:
                return "RSTO"
            if "R" in resp.flags:
                return "RSTR"
            return "SF" if "F" in orig.flags and "F" in resp.flags else "S1"
        if "S" not in orig.flags:
            return "SF" if "F" in orig.flags and "F" in resp.flags else "OTH"
        return "REJ" if "R" in resp.flags else "S0"

    @property
    def service(self):
        """Zeek's name of what was spoken, or None; it needs something said."""
        known = SERVICES.get(self.resp[1]) if self.proto != "icmp" else None
        return known if self.sides[0].payload > 0 else None

    @property
    def logged_at(self):
        if self.state in ("SF", "REJ", "RSTO", "RSTR") and self.proto == "tcp":
            return self.last
        return self.last + (ATTEMPT if self.state == "S0" and self.proto == "tcp" else SILENCE[self.proto])


def letters_of(flags, payload):
    letters = ""
    if "S" in flags:
        letters += "H" if "A" in flags else "S"
    elif flags == "A":
        letters += "A"
    if payload:
        letters += "D"
    if "F" in flags:
        letters += "F"
    if "R" in flags:
        letters += "R"
    return letters


def icmp_ports(packet):
    """Zeek's ports of ICMP: the type, and the type that answers it, or else the code. The ends of an answer are swapped."""
    if packet.haslayer(ICMP):
        kind, code = packet[ICMP].type, packet[ICMP].code
        return (8, 0, kind == 0) if kind in (0, 8) else (kind, code, False)
    if packet.haslayer(ICMPv6EchoRequest) or packet.haslayer(ICMPv6EchoReply):
        return 128, 129, packet.haslayer(ICMPv6EchoReply)
    message = bytes(packet[IPv6].payload)
    pairs = {135: 136, 136: 135}
    return message[0], pairs.get(message[0], message[1]), False


def read_connections(path):
    open_, all_ = {}, []
    for packet in rdpcap(path):
        ip = packet.getlayer(IP) or packet.getlayer(IPv6)
        if ip is None or getattr(ip, "proto", None) == 2:
            continue
        time = float(packet.time)
        size = ip.len if isinstance(ip, IP) else ip.plen + 40
        flags, payload, letters, swapped = "", 0, "", False
        if ip.haslayer(TCP) and ip.payload.haslayer(TCP) and type(ip.payload) is TCP:
            proto, ports, flags = "tcp", (ip[TCP].sport, ip[TCP].dport), str(ip[TCP].flags)
            payload = size - (20 if isinstance(ip, IP) else 40) - ip[TCP].dataofs * 4
            letters = letters_of(flags, payload)
        elif type(ip.payload) is UDP:
            proto, ports, payload, letters = "udp", (ip[UDP].sport, ip[UDP].dport), ip[UDP].len - 8, "D"
        else:
            proto, (kind, answer, swapped) = "icmp", icmp_ports(packet)
            ports = (answer, kind) if swapped else (kind, answer)
            payload = size - (20 if isinstance(ip, IP) else 40) - 8
        here, there = (ip.src, ports[0]), (ip.dst, ports[1])
        key, back = (proto, here, there), (proto, there, here)
        timeout = SILENCE[proto]
        found = open_.get(key) or open_.get(back)
        if found and time - found.last > timeout and not (proto == "tcp" and found.state in ("SF", "RSTO", "RSTR")):
            found = None
        if found is None:
            ends = (there, here) if swapped else (here, there)
            vlan = packet.vlan if packet.haslayer("Dot1Q") else None
            ip_proto = {"tcp": 6, "udp": 17, "icmp": 1 if isinstance(ip, IP) else 58}[proto]
            found = Connection(proto, ip_proto, *ends, time, time, vlan)
            open_[(proto, *ends)] = found
            all_.append(found)
        found.add(time, here != found.orig, size, payload, letters, flags)
    return sorted(all_, key=lambda connection: connection.logged_at)
