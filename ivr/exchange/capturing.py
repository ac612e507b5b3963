"""Captures of calls: which messages and streams belong to one, and when it begins and ends.

A capture waits for its call or has it from the start, and belongs to that call alone. Messages are told to a call by
their Call-ID. That of a leg is known a moment after its first message came, so the last messages of unknown Call-IDs
are kept while a capture is on; without one nothing here is asked at all.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ivr.exchange.effects import ToPlane
from ivr.media import commands as media
from ivr.media.stream_numbers import worker_of
from ivr.sip.gate.glance import sip_call_id
from ivr.sip.message.masking import masked
from ivr.sip.transport.flow import Flow

Which = Literal["next", "call", "number"]
MOST = 4                        # captures at one time: they are for looking into a fault, not for recording a day
KEPT, KEPT_BYTES = 1_000, 2 << 20       # messages of unknown Call-IDs: of a busy house those of the last 100 ms
LEGS = 64                       # Call-IDs of one call: forks and phones that are rung one after the other
SIP_TAIL = 32.0                 # s for which an INFO with a digit of the secret may be sent again (RFC 3261 timer F)
RTP_TAIL = 2.0                  # s in which the plane has taken the last key; one held longer stays masked there
NEVER, ALWAYS = 0.0, 1e15       # moments, such as JSON can carry
PARTING = 1.0                   # s after the end of a call for the last answers, and for what is sent again


class Message(NamedTuple):
    """A SIP message on its way in or out (`outward`)."""

    at: float
    flow: Flow
    outward: bool
    payload: bytes


class Caught(NamedTuple):
    """A message of a capture, masked."""

    capture: int
    message: Message


@dataclass(frozen=True)
class CaptureOver:
    """Effect: close the file of this capture."""

    capture: int
    reason: str


@dataclass(frozen=True)
class RtpCaptured:
    """Effect: the plane has closed its file of this capture; it holds so many packets."""

    capture: int
    packets: int
    reason: str


@dataclass(frozen=True)
class CaptureDue:
    """Timer: this capture's time is up."""

    capture: int
    reason: str


@dataclass(frozen=True)
class RtpWanted:
    """Where the plane puts a capture's RTP: the file, seconds from monotonic time to that since 1970, its bound."""

    path: str
    wall_offset: float
    most_bytes: int


@dataclass(eq=False)
class Capture:
    """`value` is the call or the number that `which` speaks of; `call` the one that is captured, "" while waiting.

    `secret_until`: when its caller was last asked for a secret; ALWAYS while it goes on. RTP is caught by the plane
    that has the call, which is told when the call has its first stream.
    """

    number: int
    which: Which
    value: str
    rtp: RtpWanted | None = None
    call: str = ""
    sip_call_ids: set[str] = field(default_factory=set)
    secret_until: float = NEVER
    worker: int | None = None       # the plane that was told of it

    def wants(self, numbers: tuple[str, ...]) -> bool:
        """Whether a call of these numbers, caller's and dialled, is the one it waits for."""
        return not self.call and (self.which == "next" or (self.which == "number" and self.value in numbers))


class Captures:
    """Those that wait or run. True if there is one."""

    def __init__(self) -> None:
        self._running: dict[int, Capture] = {}
        self._of_call: dict[str, Capture] = {}
        self._of_sip_call_id: dict[str, Capture] = {}
        self._recent: deque[Message] = deque()
        self._recent_bytes = 0
        self._caught: list[Caught] = []

    def __bool__(self) -> bool:
        return bool(self._running)

    def __len__(self) -> int:
        return len(self._running)

    def __iter__(self) -> Iterator[Capture]:
        return iter(list(self._running.values()))

    def get(self, number: int) -> Capture | None:
        return self._running.get(number)

    def of_call(self, call: str) -> Capture | None:
        return self._of_call.get(call)

    def add(self, capture: Capture) -> None:
        self._running[capture.number] = capture

    def take(self, capture: Capture, call: str, secret_until: float = NEVER) -> None:
        """This is the call of the capture."""
        capture.call, capture.secret_until = call, secret_until
        self._of_call[call] = capture

    def call_opened(self, call: str, numbers: tuple[str, ...]) -> None:
        """A call begins: the capture that has waited for it the longest takes it."""
        capture = next((one for one in self._running.values() if one.wants(numbers)), None)
        if capture is not None:
            self.take(capture, call)

    def leg_seen(self, call: str, leg_call_id: str) -> None:
        """A leg of this call has this Call-ID."""
        capture = self._of_call.get(call)
        if capture is None or not leg_call_id or leg_call_id in capture.sip_call_ids:
            return
        if len(capture.sip_call_ids) >= LEGS:
            return
        capture.sip_call_ids.add(leg_call_id)
        self._of_sip_call_id[leg_call_id] = capture
        for message in self._recent:
            if sip_call_id(message.payload) == leg_call_id:
                self._catch(capture, message)

    def stream(self, call: str, stream: int, leg: str, addresses: tuple[str, ...]) -> list[Any]:
        """A stream of this call begins, or what holds for it is to be told anew."""
        capture = self._of_call.get(call)
        if capture is None or capture.rtp is None:
            return []
        masked_until = capture.secret_until + RTP_TAIL if capture.secret_until else NEVER
        caught = ToPlane(media.CaptureStream(stream, leg, capture.number, masked_until, addresses))
        return [*_opened(capture, capture.rtp, worker_of(stream)), caught]

    def passes(self, payload: bytes, flow: Flow, now: float, *, outward: bool = False) -> None:
        """A message comes in or goes out."""
        message = Message(now, flow, outward, payload)
        capture = self._of_sip_call_id.get(sip_call_id(payload))
        if capture is not None:
            self._catch(capture, message)
            return
        self._recent.append(message)
        self._recent_bytes += len(payload)
        while len(self._recent) > KEPT or self._recent_bytes > KEPT_BYTES:
            self._recent_bytes -= len(self._recent.popleft().payload)

    def caught(self) -> list[Caught]:
        """What has been caught since it was asked last."""
        caught, self._caught = self._caught, []
        return caught

    def end(self, number: int, reason: str) -> list[Any]:
        """No more of this capture."""
        capture = self._running.pop(number, None)
        if capture is None:
            return []
        self._of_call = {call: one for call, one in self._of_call.items() if one is not capture}
        self._of_sip_call_id = {name: one for name, one in self._of_sip_call_id.items() if one is not capture}
        if not self._running:
            self._recent.clear()
            self._recent_bytes = 0
        closed = [ToPlane(media.CloseCapture(number), capture.worker)] if capture.worker is not None else []
        return [*closed, CaptureOver(number, reason)]

    def _catch(self, capture: Capture, message: Message) -> None:
        secret = capture.secret_until > NEVER and message.at < capture.secret_until + SIP_TAIL
        self._caught.append(Caught(capture.number, message._replace(payload=masked(message.payload, secret))))


def _opened(capture: Capture, rtp: RtpWanted, worker: int) -> list[Any]:
    """A plane makes the file of a capture once, when its call has a first stream there."""
    if capture.worker == worker:
        return []
    capture.worker = worker
    return [ToPlane(media.OpenCapture(capture.number, rtp.path, rtp.wall_offset, rtp.most_bytes), worker)]
