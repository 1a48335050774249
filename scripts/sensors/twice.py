"""Sends each datagram that comes to one port on to two others; ends by a signal: twice.py FROM TO TO."""

import socket
import sys

come, *on = (int(port) for port in sys.argv[1:])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
sock.bind(("127.0.0.1", come))
while True:
    datagram = sock.recv(65535)
    for port in on:
        sock.sendto(datagram, ("127.0.0.1", port))
