"""Writes a packet capture that the flow tools in this folder read: python make_capture.py capture.pcap

Some 170 made-up flows of one hour and a half from 2026-02-03T09:00:00Z, drawn from one seed, the same bytes each time with
scapy 2.6.1. Addresses are those set aside for documentation (RFC 5737, RFC 3849), names end in .example. In it, each for
what a tool does with it: web pages and lookups (Suricata and Zeek write events of other kinds), remote shells, clocks
without an answer, scans that stay half open, are reset or meet a closed UDP port, pings, ICMP errors with codes above 9,
IPv6 with neighbour discovery, a VLAN, ARP, IGMP, a connection that is silent for 35 minutes, and one packet sent twice.
"""

import random
import sys

from scapy.all import (
    ARP, DNS, DNSQR, DNSRR, ICMP, IP, TCP, UDP, Dot1Q, Ether, ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest,
    ICMPv6ND_NA, ICMPv6ND_NS, IPv6, Raw, wrpcap,
)

SEED, START, SPAN = 13, 1770109200.0, 3600
CLIENT_MAC, GATEWAY_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
NAMES = ["www.example", "mail.example", "files.cdn.example", "long-name-of-a-device.office.example"]

draw = random.Random(SEED)
packets = []


def put(time, layers, there=True, vlan=None):
    """Keeps a frame: from the clients' side to the gateway's, or back."""
    source, target = (CLIENT_MAC, GATEWAY_MAC) if there else (GATEWAY_MAC, CLIENT_MAC)
    frame = Ether(src=source, dst=target)
    frame = (frame / Dot1Q(vlan=vlan) if vlan else frame) / layers
    frame.time = round(time, 6)
    packets.append(frame)


class Pair:
    """A client and a server; `out` and `back` are their packets' IP headers."""

    def __init__(self, six=False):
        host, server = draw.randint(10, 29), draw.randint(1, 12)
        self.ends = (f"2001:db8:1::{host:x}", f"2001:db8:2::{server:x}") if six else (f"192.0.2.{host}", f"198.51.100.{server}")
        self.ports = draw.randint(32768, 60999)
        self.six = six

    def ip(self, there, ttl=None, tos=0):
        source, target = self.ends if there else self.ends[::-1]
        hops = ttl or (64 if there else 57)
        if self.six:
            return IPv6(src=source, dst=target, hlim=hops, tc=tos)
        return IP(src=source, dst=target, ttl=hops, tos=tos, id=draw.randint(1, 65535))


class Connection(Pair):
    """A TCP connection whose numbers, acknowledgements and times go on from packet to packet."""

    def __init__(self, time, port, six=False, vlan=None, tos=0):
        super().__init__(six)
        self.time, self.port, self.vlan, self.tos = time, port, vlan, tos
        self.next = [draw.randint(1, 2**31), draw.randint(1, 2**31)]
        self.delay = draw.uniform(0.0004, 0.04)

    def segment(self, there, flags, data=b""):
        here, other = (0, 1) if there else (1, 0)
        sport, dport = (self.ports, self.port) if there else (self.port, self.ports)
        acknowledged = self.next[other] if "A" in flags else 0
        options = [("MSS", 1460)] if "S" in flags else []
        tcp = TCP(sport=sport, dport=dport, flags=flags, seq=self.next[here], ack=acknowledged, window=64240, options=options)
        put(self.time, self.ip(there, tos=self.tos) / tcp / Raw(data) if data else self.ip(there, tos=self.tos) / tcp, there, self.vlan)
        self.next[here] = (self.next[here] + len(data) + ("S" in flags or "F" in flags)) % 2**32
        self.time += self.delay * draw.uniform(0.6, 1.6)

    def open(self):
        self.segment(True, "S"), self.segment(False, "SA"), self.segment(True, "A")

    def exchange(self, question, answer):
        self.segment(True, "PA", question)
        for begin in range(0, len(answer), 1400):
            self.segment(False, "PA", answer[begin : begin + 1400])
        self.segment(True, "A")

    def close(self):
        self.segment(True, "FA"), self.segment(False, "FA"), self.segment(True, "A")


def noise(low, high):
    return draw.randbytes(draw.randint(low, high))


def web(time, **more):
    flow = Connection(time, draw.choice([80, 80, 80, 8080]), **more)
    flow.open()
    for _ in range(draw.randint(1, 2)):
        question = f"GET /page/{draw.randint(1, 40)} HTTP/1.1\r\nHost: {draw.choice(NAMES)}\r\nUser-Agent: made/1.0\r\n\r\n"
        body = b"<p>" + b"x" * draw.randint(20, 2500)
        head = f"HTTP/1.1 {draw.choice(['200 OK', '200 OK', '404 Not Found'])}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        flow.exchange(question.encode(), head.encode() + body)
    flow.close() if draw.random() < 0.85 else flow.segment(False, "RA")


def shell(time, **more):
    flow = Connection(time, 22, tos=0x10, **more)
    flow.open()
    flow.exchange(b"SSH-2.0-made_1.0\r\n", b"SSH-2.0-made_2.0\r\n")
    for _ in range(draw.randint(2, 5)):
        flow.exchange(noise(36, 120), noise(36, 300))
        flow.time += draw.uniform(0.2, 8)
    flow.close()


def unknown_service(time, **more):
    flow = Connection(time, draw.choice([443, 443, 5432, 9100]), **more)
    flow.open()
    for _ in range(draw.randint(1, 4)):
        flow.exchange(noise(40, 500), noise(80, 3000))
    if draw.random() < 0.2:
        flow.segment(True, "RA")
    elif draw.random() < 0.85:
        flow.close()


def silent(time):
    """A connection that says a word, is silent for 35 minutes, and says another."""
    flow = Connection(time, 1883)
    flow.open()
    flow.exchange(noise(20, 40), noise(4, 8))
    flow.time += 2100
    flow.exchange(b"\xc0\x00", b"\xd0\x00")
    flow.close()


def sent_twice(time):
    flow = Connection(time, 443)
    flow.open()
    before, data = list(flow.next), noise(200, 600)
    flow.segment(True, "PA", data)
    flow.next, flow.time = before, flow.time + 0.2
    flow.exchange(data, noise(200, 600))
    flow.close()


def scan(time):
    """Twelve ports of one server: closed ones reset, filtered ones say nothing, one open port is left half open."""
    first = Connection(time, 0)
    for port in draw.sample([21, 23, 25, 110, 135, 139, 445, 993, 1433, 3306, 3389, 8443], 12):
        probe = Connection(first.time, port)
        probe.ends = first.ends
        probe.segment(True, "S")
        fate = draw.random()
        if fate < 0.5:
            probe.segment(False, "RA")
        elif fate < 0.65:
            probe.segment(False, "SA")
        first.time += draw.uniform(0.005, 0.05)


def lookup(time, six=False, vlan=None):
    pair, name, number = Pair(six), draw.choice(NAMES), draw.randint(1, 65535)
    kind = "AAAA" if draw.random() < 0.3 else "A"
    question = DNS(id=number, rd=1, qd=DNSQR(qname=name, qtype=kind))
    put(time, pair.ip(True) / UDP(sport=pair.ports, dport=53) / question, True, vlan)
    if draw.random() < 0.1:
        return
    address = f"2001:db8:2::{draw.randint(1, 12):x}" if kind == "AAAA" else f"198.51.100.{draw.randint(1, 12)}"
    found = DNSRR(rrname=name, type=kind, ttl=300, rdata=address) if draw.random() < 0.85 else None
    answer = DNS(id=number, qr=1, rd=1, ra=1, qd=question.qd, an=found, rcode=0 if found else 3)
    put(time + draw.uniform(0.001, 0.08), pair.ip(False) / UDP(sport=53, dport=pair.ports) / answer, False, vlan)


def clock(time):
    pair = Pair()
    for again in range(draw.randint(1, 3)):
        put(time + 64 * again, pair.ip(True, tos=0xB8) / UDP(sport=123, dport=123) / Raw(b"\x23" + bytes(47)))


def ping(time, six=False):
    pair, number = Pair(six), draw.randint(1, 65535)
    ask = ICMPv6EchoRequest if six else lambda **fields: ICMP(type=8, **fields)
    answer = ICMPv6EchoReply if six else lambda **fields: ICMP(type=0, **fields)
    for again in range(draw.randint(1, 4)):
        put(time + again, pair.ip(True) / ask(id=number, seq=again) / Raw(b"p" * 56))
        put(time + again + draw.uniform(0.001, 0.03), pair.ip(False) / answer(id=number, seq=again) / Raw(b"p" * 56), False)


def unreachable(time, code):
    """A datagram that an ICMP error answers, with its head inside; codes 1, 10 and 13 look alike as decimals 3.1 and 3.10."""
    pair = Pair()
    datagram = pair.ip(True) / UDP(sport=pair.ports, dport=161) / Raw(noise(30, 60))
    put(time, datagram)
    put(time + 0.002, pair.ip(False, ttl=255) / ICMP(type=3, code=code) / Raw(bytes(datagram)[:28]), False)


def unreachable_six(time):
    pair = Pair(six=True)
    datagram = pair.ip(True) / UDP(sport=pair.ports, dport=161) / Raw(noise(30, 60))
    put(time, datagram)
    put(time + 0.002, pair.ip(False) / ICMPv6DestUnreach(code=4) / Raw(bytes(datagram)), False)


def neighbours(time):
    put(time, ARP(op=1, hwsrc=CLIENT_MAC, psrc="192.0.2.10", pdst="192.0.2.1"))
    put(time + 0.001, ARP(op=2, hwsrc=GATEWAY_MAC, psrc="192.0.2.1", hwdst=CLIENT_MAC, pdst="192.0.2.10"), False)
    put(time + 1, IPv6(src="2001:db8:1::10", dst="2001:db8:1::1", hlim=255) / ICMPv6ND_NS(tgt="2001:db8:1::1"))
    put(time + 1.001, IPv6(src="2001:db8:1::1", dst="2001:db8:1::10", hlim=255) / ICMPv6ND_NA(tgt="2001:db8:1::1"), False)
    put(time + 2, IP(src="192.0.2.10", dst="233.252.0.1", ttl=1, proto=2) / Raw(bytes.fromhex("16000002e9fc0001")))


def main():
    moment = lambda: START + draw.random() * SPAN
    silent(START + 30)
    for _ in range(32):
        web(moment(), six=draw.random() < 0.15, vlan=20 if draw.random() < 0.1 else None)
    for _ in range(5):
        shell(moment(), six=draw.random() < 0.2)
    for _ in range(20):
        unknown_service(moment(), six=draw.random() < 0.15)
    sent_twice(moment())
    for _ in range(2):
        scan(moment())
    for _ in range(44):
        lookup(moment(), six=draw.random() < 0.15, vlan=20 if draw.random() < 0.1 else None)
    for _ in range(6):
        clock(moment())
    for _ in range(8):
        ping(moment())
    for code in (0, 1, 3, 3, 10, 13):
        unreachable(moment(), code)
    for _ in range(3):
        ping(moment(), six=True)
    unreachable_six(moment())
    neighbours(moment())
    packets.sort(key=lambda packet: packet.time)
    wrpcap(sys.argv[1], packets)


main()
