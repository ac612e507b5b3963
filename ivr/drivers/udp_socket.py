"""A UDP socket of SIP in the asyncio loop: datagrams in, datagrams out."""

import asyncio
import socket
from functools import lru_cache, partial

from ivr.drivers.own_address import mark
from ivr.drivers.received import Address, Received
from ivr.sip.transport.flow import Flow

DATAGRAMS_PER_WAKE = 64          # then the loop's other work has its turn
FLOWS_KEPT = 1000                # one for each address that was heard lately; a call's messages share theirs
SOCKET_BUFFER = 4 << 20          # a burst of 1,000 calls waits here and is not lost


class UdpSocket:
    """One bound UDP socket in the asyncio loop."""

    def __init__(self, host: str, port: int, received: Received) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._received = received
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        mark(self._socket)
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)      # 0.0.0.0 has a socket of its own
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.local: Address = self._socket.getsockname()[:2]
        self._flow = lru_cache(FLOWS_KEPT)(partial(Flow, "udp", self.local))
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def _readable(self) -> None:
        for _ in range(DATAGRAMS_PER_WAKE):
            try:
                payload, remote = self._socket.recvfrom(65535)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                continue         # an ICMP error for something we sent; the transaction's timer tells its user
            self._received.datagram(self._flow(remote[:2]), payload)
        self._received.datagrams_end()

    def send(self, flow: Flow, payload: bytes) -> None:
        """Send or drop: over UDP a full buffer is loss, and SIP sends again."""
        try:
            self._socket.sendto(payload, flow.remote)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            asyncio.get_running_loop().call_soon(self._received.send_failed, flow)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
