"""SIP without an endpoint: messages written as text, over UDP and TCP, to the running service."""

import secrets
import socket
import time
from types import TracebackType

from ivr.base.errors import PeerError
from ivr.sip.message import Response
from ivr.sip.parser import parse
from ivr.sip.stream import StreamFramer

SDP = ("v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n"
       "a=rtpmap:101 telephone-event/8000\r\n")


def request(method: str, host: str, uri: str, transport: str = "UDP", body: str = "") -> str:
    """A request outside any dialog, from HOST:5060."""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{transport} {host}:5060;branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:raw@{host}>;tag={secrets.token_hex(4)}\r\nTo: <{uri}>\r\n"
            f"Call-ID: {secrets.token_hex(8)}\r\nCSeq: 1 {method}\r\nContact: <sip:raw@{host}:5060>\r\n{kind}"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}")


class RawUdp:
    """A UDP socket at HOST:5060. `with RawUdp(host, hotline) as phone`."""

    transport = "UDP"

    def __init__(self, host: str, hotline: tuple[str, int]) -> None:
        self.host, self._hotline = host, hotline
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 5060))

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._hotline)

    def responses(self, timeout: float) -> list[Response]:
        """What has come after `timeout` s."""
        until, found = time.monotonic() + timeout, []
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                found.append(self._socket.recv(65535))
            except TimeoutError:
                break
        return [message for data in found if isinstance(message := parse(data), Response)]

    def ask(self, method: str, uri: str, timeout: float = 5.0, body: str = "") -> Response | None:
        """Send a request; its final response, None if none comes."""
        text = request(method, self.host, uri, self.transport, body)
        self.send(text.encode())
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            for response in self.responses(0.05):
                if response.status >= 200 and f"Call-ID: {response.sip_call_id}\r\n" in text:
                    return response
        return None

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> "RawUdp":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


class RawTcp(RawUdp):
    """A TCP connection from HOST."""

    transport = "TCP"

    def __init__(self, host: str, hotline: tuple[str, int]) -> None:
        self.host = host
        self._socket = socket.create_connection(hotline, timeout=5, source_address=(host, 0))
        self._framer = StreamFramer()
        self.closed = False             # by the other side

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def responses(self, timeout: float) -> list[Response]:
        until, found = time.monotonic() + timeout, []
        while not self.closed and (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(65535)
            except TimeoutError:
                break
            except ConnectionResetError:
                data = b""
            self.closed = not data
            try:
                found += [frame for frame in self._framer.feed(data) if isinstance(frame, bytes)]
            except PeerError:
                self.closed = True
        return [message for frame in found if isinstance(message := parse(frame), Response)]
