"""A softphone in the terminal, through pyVoIP (extra `softphone`, GPL-3: never imported by the server).

pyVoIP 1.6.8 can't send keys, so they go as RFC 4733 packets of ours on its RTP socket. It always registers before
it calls, which is why the first start makes an account for it.
"""

import socket
import threading
import time
import warnings
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.own_address import facing
from ivr.drivers.softphone_answers import Answers, Refused, silence

KEYS = "0123456789*#ABCD"
EVENT_PAYLOAD_TYPE = 101         # what pyVoIP offers, and the only number it knows
KEY_PACKETS, END_PACKETS = 5, 3  # 20 ms apart: a press of 100 ms
FRAME = 160
FRAME_TIME = 0.02
MEDIA_PORTS = (42_000, 42_998)   # away from the hotline's own on the same machine
REGISTER_TIMEOUT = 5             # whole s, for each of its two requests
ANSWER_TIMEOUT = 30.0
NO_ANSWER = f"no answer within {ANSWER_TIMEOUT:.0f} s (the log of the hotline says more)"
STOP_TIMEOUT = 2.0               # s for the BYE, and for leaving the registrar; a server that is gone answers neither
T = TypeVar("T")


@dataclass(frozen=True)
class Dialled:
    """How the call went. `seconds` from answer to end; `heard` bytes of 8-bit audio were recorded.

    `ended_by` is "us" or "the hotline"; of a call that was not answered, why.
    """

    answered: bool
    seconds: float
    heard: int
    ended_by: str


@dataclass(frozen=True)
class Target:
    """A SIP address split up."""

    number: str
    host: str
    port: int


def read_target(uri: str) -> Target:
    """`sip:100@host[:port]`; raises AdminError for anything else."""
    scheme, _, rest = uri.partition(":")
    number, _, place = rest.partition("@")
    host, _, port = place.partition(":")
    if scheme != "sip" or not number or not host or (port and not (port.isdecimal() and 0 < int(port) < 65536)):
        raise AdminError([Fault(Place(uri), "is no address to dial", "say sip:100@127.0.0.1 or sip:100@host:5070")])
    try:
        address = socket.gethostbyname(host)
    except (OSError, UnicodeError):      # UnicodeError: no name at all
        raise AdminError([Fault(Place(uri), f"the name {host} has no address")]) from None
    return Target(number, address, int(port or 5060))


def dial(target: Target, account: str, password: str, keys: str, *, pause: float, duration: float,
         record: Path | None, say: Callable[[str], None]) -> Dialled:
    """Call, press `keys` (a comma waits `pause` s), listen until `duration` s after the answer or the far end's BYE.

    Raises AdminError where pyVoIP is not installed, the phone can't register or `record` can't be written.
    KeyboardInterrupt hangs up.
    """
    presses, enough = list(_presses(keys, pause)), threading.Event()
    with _recorder(record) as write:
        call = _Apart(lambda: _dial(target, account, password, _Talk(presses, duration, write, say, enough)))
        try:
            return call.result(2 * REGISTER_TIMEOUT + ANSWER_TIMEOUT + duration + 2 * STOP_TIMEOUT)
        except TimeoutError:         # pyVoIP waits for a response without any bound
            return Dialled(False, 0.0, 0, "the hotline stopped answering")
        except KeyboardInterrupt:
            enough.set()
            with suppress(Exception):
                call.result(3 * STOP_TIMEOUT)
            raise


class _Apart(Generic[T]):
    """Work in a daemon thread. pyVoIP's threads, which it starts, are then daemons too, and keep nobody from ending."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._done: Future[T] = Future()
        self._work = work
        threading.Thread(target=self._run, name="softphone", daemon=True).start()

    def _run(self) -> None:
        try:
            self._done.set_result(self._work())
        except BaseException as error:      # told to who waits for the result
            self._done.set_exception(error)

    def result(self, timeout: float) -> T:
        return self._done.result(timeout)


def _dial(target: Target, account: str, password: str, talk: "_Talk") -> Dialled:
    with warnings.catch_warnings(), _phone(target, account, password) as (phone, state):
        warnings.simplefilter("ignore")
        answers = Answers(phone.sip)
        talk.say(f"registered as {account}; calling {target.number}")
        try:
            call = phone.call(target.number)
        except Refused as refused:
            return Dialled(False, 0.0, 0, str(refused))
        until = time.monotonic() + ANSWER_TIMEOUT
        while (call.state == state.DIALING and answers.refused is None and time.monotonic() < until
               and not talk.enough.is_set()):
            time.sleep(FRAME_TIME)
        if call.state != state.ANSWERED:
            return Dialled(False, 0.0, 0, str(answers.refused or NO_ANSWER))
        talk.say("answered")
        return talk.run(call, state, answers)


@contextmanager
def _phone(target: Target, account: str, password: str) -> Iterator[tuple[Any, Any]]:
    try:
        import pyVoIP
        from pyVoIP.VoIP import CallState, PhoneStatus, VoIPPhone
    except ImportError:
        raise AdminError([Fault(Place("hotline dial"), "the softphone is not installed",
                                ".venv/bin/pip install -e '.[softphone]'")]) from None
    silence()
    pyVoIP.REGISTER_FAILURE_THRESHOLD = 1       # else it tries for ever, in threads of its own
    ours = facing(target.host)
    phone = VoIPPhone(target.host, target.port, account, password, myIP=ours, sipPort=_free_port(ours),
                      rtpPortLow=MEDIA_PORTS[0], rtpPortHigh=MEDIA_PORTS[1])
    phone.sip.register_timeout = REGISTER_TIMEOUT
    began_at = time.monotonic()
    with suppress(Exception):       # it raises its own kinds, or none at all: its status tells
        phone.start()
    if phone.get_status() != PhoneStatus.REGISTERED:
        raise _not_registered(target, account, time.monotonic() - began_at)
    try:
        yield phone, CallState
    finally:
        with suppress(Exception):
            _Apart(phone.stop).result(STOP_TIMEOUT)


def _not_registered(target: Target, account: str, seconds: float) -> AdminError:
    silent = seconds >= REGISTER_TIMEOUT
    why = f"nobody answered for {REGISTER_TIMEOUT} s" if silent else "it was refused"
    return AdminError([Fault(Place(f"sip:{account}@{target.host}:{target.port}"),
                             f"the softphone could not register: {why}",
                             "does the hotline run there?" if silent else "is this the account's password?")])


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class _Talk:
    """What happens between the answer and the end."""

    presses: list[tuple[float, str]]
    duration: float
    write: Callable[[bytes], object]
    say: Callable[[str], None]
    enough: threading.Event

    def run(self, call: Any, state: Any, answers: Answers) -> Dialled:
        begin = time.monotonic()
        presses, heard, frame = self.presses.copy(), 0, 0
        while call.state == state.ANSWERED and time.monotonic() - begin < self.duration and not self.enough.is_set():
            if presses and time.monotonic() - begin >= presses[0][0]:
                key = presses.pop(0)[1]
                self.say(f"pressing {key}")
                _press(call.RTPClients[0], key)
            samples = call.read_audio(FRAME, blocking=False)
            self.write(samples)
            heard += len(samples)
            frame += 1
            time.sleep(max(0.0, begin + frame * FRAME_TIME - time.monotonic()))
        seconds = time.monotonic() - begin
        if call.state == state.ANSWERED:
            call.hangup()
            # pyVoIP takes whatever comes next for the answer to its leaving the registrar: nothing may be on its way.
            answers.bye_answered.wait(STOP_TIMEOUT)
            return Dialled(True, seconds, heard, "us")
        return Dialled(True, seconds, heard, "the hotline")


def _presses(keys: str, pause: float) -> Iterator[tuple[float, str]]:
    """Each key with its time after the answer: half a second apart, `pause` where a comma stands."""
    at = pause
    for key in keys:
        if key == ",":
            at += pause
        elif key.upper() in KEYS:
            yield at, key.upper()
            at += 0.5
        else:
            raise AdminError([Fault(Place("--keys"), f"{key!r} is no key", "0-9 * # A-D, and a comma to wait")])


def _press(client: Any, key: str) -> None:
    """One press as RFC 4733 packets on pyVoIP's own socket, with its SSRC and its sequence numbers."""
    timestamp = client.outTimestamp & 0xFFFFFFFF
    for packet in range(KEY_PACKETS + END_PACKETS):
        end = packet >= KEY_PACKETS
        duration = FRAME * min(packet + 1, KEY_PACKETS)
        header = bytes((0x80, EVENT_PAYLOAD_TYPE | (0x80 if packet == 0 else 0)))
        header += (client.outSequence & 0xFFFF).to_bytes(2, "big") + timestamp.to_bytes(4, "big")
        client.outSequence += 1
        body = bytes((KEYS.index(key), 0x8A if end else 0x0A)) + duration.to_bytes(2, "big")
        client.sout.sendto(header + client.outSSRC.to_bytes(4, "big") + body, (client.outIP, client.outPort))
        if not end:
            time.sleep(FRAME_TIME)


@contextmanager
def _recorder(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    if path is None:
        yield lambda samples: None
        return
    try:
        path.touch()
    except OSError as error:
        raise AdminError([Fault(Place(str(path)), f"can't be written: {error.strerror}")]) from None
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)             # pyVoIP hands out 8-bit unsigned samples
        file.setframerate(8000)
        yield file.writeframes
