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


def open_udp(host: str, port: int) -> socket.socket:
    """A bound socket as SIP wants it. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        opened.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
    mark(opened)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)      # 0.0.0.0 has a socket of its own
    try:
        opened.bind((host, port))
    except OSError:
        opened.close()
        raise
    return opened


class UdpSocket:
    """One bound UDP socket (`open_udp`) in the asyncio loop; it is closed with this."""

    def __init__(self, bound: socket.socket, received: Received) -> None:
        self._socket = bound
        self._received = received
        bound.setblocking(False)
        self.local: Address = bound.getsockname()[:2]
        self._flow = lru_cache(FLOWS_KEPT)(partial(Flow, "udp", self.local))
        asyncio.get_running_loop().add_reader(bound, self._readable)

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
