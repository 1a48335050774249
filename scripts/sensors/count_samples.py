"""Sends sFlow datagrams that come to one port on to another, and writes how many samples of flows they say they hold (sFlow version 5): count_samples.py FROM TO FILE."""

import socket
import struct
import sys

come, on = (int(port) for port in sys.argv[1:3])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
sock.bind(("127.0.0.1", come))
count = 0
while True:
    datagram = sock.recv(65535)
    at = 28  # behind an agent's address of IPv4
    for _ in range(struct.unpack_from("!I", datagram, 24)[0]):
        kind, length = struct.unpack_from("!II", datagram, at)
        count += kind in (1, 3)
        at += 8 + length
    with open(sys.argv[3], "w") as file:
        file.write(f"Flows exported: {count} ({count} records)\n")
    sock.sendto(datagram, ("127.0.0.1", on))
