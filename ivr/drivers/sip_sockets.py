"""SIP's sockets: UDP, TCP and TLS of both families, bytes in and bytes out. No message is looked at here."""

import asyncio
import socket

from ivr.base.config_words import SipListen
from ivr.drivers.certificates import Certificates, TlsFiles
from ivr.drivers.received import Received
from ivr.drivers.stream_connections import BACKLOG, StreamConnections
from ivr.drivers.udp_socket import UdpSocket, open_udp
from ivr.sip.transport.flow import Flow

LOOK_EVERY = 5.0                 # s between looks at the files of TLS; who renews a certificate does not wait for more


def open_socket(listen: SipListen) -> socket.socket:
    """One that datagrams or connections come to from now on, be it that nobody reads them yet. Raises OSError."""
    if listen.transport == "udp":
        return open_udp(listen.host, listen.port)
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    return socket.create_server((listen.host, listen.port), family=family, backlog=BACKLOG)


class SipSockets:
    """Every socket of the endpoint. `tls` is needed for TLS listeners; TLS connections are opened only beside one."""

    def __init__(self, received: Received, tls: TlsFiles | None = None) -> None:
        self._received = received
        self._udp: list[UdpSocket] = []
        self._tls = tls
        self._certificates: Certificates | None = None
        self.streams = StreamConnections(
            received, contexts=lambda: self._certificates.contexts if self._certificates is not None else None)
        self._looking: asyncio.TimerHandle | None = None

    async def adopt(self, transport: str, opened: socket.socket) -> None:
        """Hear and send over one that is open (`open_socket`); it is closed with the others.

        Raises CertificateFault for TLS."""
        if transport == "tls" and self._tls is not None and self._certificates is None:
            self._certificates = Certificates(self._tls)
            self._look()
        if transport == "udp":
            self._udp.append(UdpSocket(opened, self._received))
        else:
            await self.streams.listen(transport, opened)

    def send(self, flow: Flow, payload: bytes) -> None:
        """Send, or tell `Received.send_failed`."""
        if flow.transport != "udp":
            self.streams.send(flow, payload)
            return
        sender = self._sender(flow)
        if sender is not None:
            sender.send(flow, payload)
        else:
            asyncio.get_running_loop().call_soon(self._received.send_failed, flow)

    def _sender(self, flow: Flow) -> UdpSocket | None:
        """The socket of the flow, else one of the remote's family."""
        for one in self._udp:
            if one.local == flow.local:
                return one
        six = ":" in flow.remote[0]
        return next((one for one in self._udp if (":" in one.local[0]) == six), None)

    def close_stream(self, flow: Flow) -> None:
        self.streams.close_stream(flow)

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        for one in self._udp:
            one.close()
        await self.streams.close()

    def _look(self) -> None:
        if self._certificates is not None:
            self._certificates.look()
            self._looking = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)
