"""One endpoint in virtual time with a scripted peer: messages are written as text, all is kept with its time."""

import random
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.base.trace import Row, ladder
from ivr.sip.effects import SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.events import LegOffered, Traced
from ivr.sip.message.digest import answer_challenge, ha1_md5, ha1_sha256
from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.settings import Account, EndpointSettings, Listener
from ivr.sip.transport.flow import Flow

OURS, PEER = "198.51.100.1", "192.0.2.9"
UDP = Flow("udp", (OURS, 5060), (PEER, 5070))
TCP = Flow("tcp", (OURS, 5060), (PEER, 40000), 1)
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
OUR_SDP = b"v=0\r\no=- 2 2 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n"
SETTINGS = EndpointSettings(
    local_address=OURS, listen=(Listener("udp", OURS, 5060), Listener("tcp", OURS, 5060)))
REALM = "hotline"
ACCOUNTS = {name: Account(name, ha1_md5(name, REALM, "secret"), ha1_sha256(name, REALM, "secret"), name != "mute")
            for name in ("op1", "op2", "mute")}
M = TypeVar("M")


@dataclass(frozen=True)
class Sent:
    """A message the endpoint sent."""

    at: float
    flow: Flow
    message: Any


class Rig:
    """`sent` and `events` hold everything so far; `out` what the last step brought."""

    def __init__(self, settings: EndpointSettings = SETTINGS, flow: Flow = UDP, seed: int = 1) -> None:
        self.endpoint = Endpoint(settings, Ids(random.Random(seed).randbytes))
        self.flow = flow
        self.now = 0.0
        self.sent: list[Sent] = []
        self.events: list[Any] = []
        self.others: list[Any] = []
        self.rows: list[Row] = []
        self.call_tag = ""      # for a test to remember `tag` in

    # time and steps

    def receive(self, text: str | bytes, flow: Flow | None = None) -> list[Any]:
        data = text if isinstance(text, bytes) else text.encode()
        flow = flow or self.flow
        self.rows.append(Row(self.now, "peer", "ivr", data.split(b"\r\n")[0].decode("utf-8", "replace")))
        if flow.transport == "tcp":
            return self._take(self.endpoint.receive_stream(data, flow, self.now))
        return self._take(self.endpoint.receive(data, flow, self.now))

    def handle(self, command: Any) -> list[Any]:
        self.rows.append(Row(self.now, "ivr", "ivr", type(command).__name__))
        return self._take(self.endpoint.handle(command, self.now))

    def take(self, out: list[Any]) -> list[Any]:
        """What another verb of the endpoint returned."""
        return self._take(out)

    def run_until(self, at: float) -> list[Any]:
        """Let time pass, every timer at its moment."""
        out: list[Any] = []
        while (due := self.endpoint.next_timer()) is not None and due <= at:
            self.now = max(self.now, due)
            out += self._take(self.endpoint.handle_timers(self.now))
        self.now = max(self.now, at)
        return out

    def run_out(self) -> None:
        """Let every timer fire."""
        while (due := self.endpoint.next_timer()) is not None:
            self.run_until(due)

    def _take(self, out: list[Any]) -> list[Any]:
        for one in out:
            if isinstance(one, SendBytes):
                self.sent.append(Sent(self.now, one.flow, _read(one.payload)))
                first_line = one.payload.split(b"\r\n")[0].decode("utf-8", "replace")
                self.rows.append(Row(self.now, "ivr", "peer", first_line))
            elif isinstance(one, Traced):
                pass
            elif type(one).__module__.endswith("events"):
                self.events.append(one)
                self.rows.append(Row(self.now, "ivr", "ivr", type(one).__name__))
            else:
                self.others.append(one)
        return out

    # looking at what happened

    def responses(self, method: str | None = None) -> list[Response]:
        return [one.message for one in self.sent if isinstance(one.message, Response)
                and (method is None or one.message.cseq.method == method)]

    def statuses(self, method: str | None = None) -> list[int]:
        return [response.status for response in self.responses(method)]

    def requests(self, method: str | None = None) -> list[Request]:
        return [one.message for one in self.sent if isinstance(one.message, Request)
                and (method is None or one.message.method == method)]

    def times(self, what: str | int) -> list[float]:
        """When a request of this method, or a response of this status, was sent."""
        return [one.at for one in self.sent if what in (getattr(one.message, "method", ""),
                                                        getattr(one.message, "status", 0))]

    def of(self, kind: type[M]) -> list[M]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def leg(self) -> str:
        return self.of(LegOffered)[-1].leg

    @property
    def tag(self) -> str:
        """The To tag of our last response to an INVITE."""
        return self.responses("INVITE")[-1].to.tag or ""

    def is_clean(self) -> bool:
        """Whether the endpoint has forgotten every call once every timer has fired."""
        self.run_out()
        counts = self.endpoint.counts()
        assert counts["timers"] == 0
        names = ("server_transactions", "client_transactions", "legs", "dialogs", "calls")
        return not any(counts[name] for name in names)

    def __str__(self) -> str:
        return ladder(self.rows, ("peer", "ivr"))


def _read(payload: bytes) -> Any:
    """The message, or the bytes: keep-alives, and refusals that repeat what could not be read."""
    try:
        return parse(payload)
    except PeerError:
        return payload


def request(method: str, call: str = "c1", sequence: int = 1, tag: str = "", branch: str = "", body: str = "",
            extra: str = "", transport: str = "UDP", uri: str = "sip:100@198.51.100.1", user: str = "alice",
            kind: str = "application/sdp", contact: str = "<sip:alice@192.0.2.9:5070>") -> str:
    """A request of the peer. `extra` are header lines that end in CRLF."""
    body_lines = f"Content-Type: {kind}\r\n" if body else ""
    contact_line = f"Contact: {contact}\r\n" if contact else ""
    to_tag = f";tag={tag}" if tag else ""
    return (f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{transport} 192.0.2.9:5070;branch=z9hG4bK{branch or f'{call}{sequence}{method}'};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: \"Alice\" <sip:{user}@{OURS if user in ACCOUNTS else PEER}>;tag=a{call}\r\n"
            f"To: <sip:100@198.51.100.1>{to_tag}\r\nCall-ID: {call}@192.0.2.9\r\nCSeq: {sequence} {method}\r\n"
            f"{contact_line}{extra}{body_lines}Content-Length: {len(body.encode())}\r\n\r\n{body}")


def invite(**fields: Any) -> str:
    return request("INVITE", **{"body": SDP, **fields})


def response(to: Request, status: int, tag: str = "b1", body: str = "", extra: str = "",
             contact: str = "<sip:bob@192.0.2.9:5070>", reason: str = "Whatever") -> str:
    """The peer's response to a request of ours."""
    vias = "".join(f"Via: {via}\r\n" for via in to.headers.all("Via"))
    to_value = to.headers.get("To") or ""
    to_tag = f";tag={tag}" if tag and to.to.tag is None else ""
    contact_line = f"Contact: {contact}\r\n" if contact else ""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (f"SIP/2.0 {status} {reason}\r\n{vias}From: {to.headers.get('From')}\r\nTo: {to_value}{to_tag}\r\n"
            f"Call-ID: {to.sip_call_id}\r\nCSeq: {to.headers.get('CSeq')}\r\n{contact_line}{extra}{kind}"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}")


def authorization(refused: Response, user: str, password: str, algorithm: str = "SHA-256") -> str:
    """The header line that answers the challenge of a 401 of ours."""
    challenges = [one for one in refused.headers.all("WWW-Authenticate") if f"algorithm={algorithm}," in one]
    ids = Ids(random.Random(7).randbytes)
    value = answer_challenge(challenges, refused.cseq.method, "sip:hotline", user, password, ids)
    return f"Authorization: {value}\r\n"


def with_settings(**changes: Any) -> EndpointSettings:
    return replace(SETTINGS, **changes)
