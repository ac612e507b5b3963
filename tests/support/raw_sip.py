"""SIP without an endpoint: messages written as text, over UDP and TCP, to the running service."""

import secrets
import socket
import time
from types import TracebackType

from ivr.sip.message.message import Response
from ivr.sip.message.parser import parse

SDP = ("v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n"
       "a=rtpmap:101 telephone-event/8000\r\n")
MOMENT = 0.03           # s in which nothing more comes
END = b"\r\n\r\n"


def request(method: str, host: str, uri: str, transport: str = "UDP", body: str = "") -> str:
    """A request outside any dialog, from HOST:5060."""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{transport} {host}:5060;branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:raw@{host}>;tag={secrets.token_hex(4)}\r\nTo: <{uri}>\r\n"
            f"Call-ID: {secrets.token_hex(8)}\r\nCSeq: 1 {method}\r\nContact: <sip:raw@{host}:5060>\r\n{kind}"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}")


class RawUdp:
    """A UDP socket. `with RawUdp(host, hotline) as phone`."""

    transport = "UDP"

    def __init__(self, host: str, hotline: tuple[str, int], port: int = 5060) -> None:
        self.host, self._hotline = host, hotline
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._hotline)

    def statuses(self, timeout: float, enough: int = 0) -> list[int]:
        """Of the responses that have come: see `messages`."""
        return [int(one.split(b" ", 2)[1]) for one in self.messages(timeout, enough) if one.startswith(b"SIP/2.0 ")]

    def messages(self, timeout: float, enough: int = 0) -> list[bytes]:
        """What has come after `timeout` s, or once there are `enough` and a moment has brought no more."""
        until, found = time.monotonic() + timeout, []
        while (left := until - time.monotonic()) > 0:
            left = MOMENT if enough and len(found) >= enough else left
            self._socket.settimeout(left)
            try:
                found.append(self._socket.recv(65535))
            except TimeoutError:
                break
        return found

    def ask(self, method: str, uri: str, timeout: float = 5.0, body: str = "") -> Response | None:
        """Send a request; its final response, None if none comes."""
        text = request(method, self.host, uri, self.transport, body)
        self.send(text.encode())
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            for message in self.messages(timeout, enough=1):
                response = parse(message)
                ours = f"Call-ID: {response.sip_call_id}\r\n" in text
                if isinstance(response, Response) and response.status >= 200 and ours:
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
        self.closed = False             # by the other side

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def messages(self, timeout: float, enough: int = 0) -> list[bytes]:
        """The same; messages have no bodies here."""
        until, data, found = time.monotonic() + timeout, b"", 0
        while not self.closed and (left := until - time.monotonic()) > 0:
            self._socket.settimeout(MOMENT if enough and found >= enough else left)
            try:
                received = self._socket.recv(65535)
            except TimeoutError:
                break
            except ConnectionResetError:
                received = b""
            self.closed = not received
            data += received
            found = data.count(END)
        return [head + END for head in data.split(END)[:-1]]
