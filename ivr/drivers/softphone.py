"""A softphone in the terminal, through pyVoIP (extra `softphone`, GPL-3: never imported by the server).

pyVoIP 1.6.8 can't send keys, so they go as RFC 4733 packets of ours on its RTP socket. It always registers before
it calls, which is why the first start makes an account for it.
"""

import socket
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.sip_sockets import facing

KEYS = "0123456789*#ABCD"
EVENT_PAYLOAD_TYPE = 101         # what pyVoIP offers, and the only number it knows
KEY_PACKETS, END_PACKETS = 5, 3  # 20 ms apart: a press of 100 ms
FRAME = 160
FRAME_TIME = 0.02
MEDIA_PORTS = (42_000, 42_998)   # away from the hotline's own on the same machine


@dataclass(frozen=True)
class Dialled:
    """How the call went. `seconds` from answer to end; `heard` bytes of 8-bit audio were recorded."""

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
    if scheme != "sip" or not number or not host or (port and not port.isdigit()):
        raise AdminError([Fault(Place(uri), "is no address to dial", "say sip:100@127.0.0.1 or sip:100@host:5070")])
    try:
        address = socket.gethostbyname(host)
    except OSError:
        raise AdminError([Fault(Place(uri), f"the name {host} has no address")]) from None
    return Target(number, address, int(port or 5060))


def dial(target: Target, account: str, password: str, keys: str, *, pause: float, duration: float,
         record: Path | None, say: Callable[[str], None]) -> Dialled:
    """Call, press `keys` (a comma waits `pause` s), listen until `duration` s after the answer or the far end's BYE.

    Raises AdminError where pyVoIP is not installed or the phone can't register.
    """
    with _phone(target, account, password) as (phone, state):
        say(f"registered as {account}; calling {target.number}")
        call = phone.call(target.number)
        waited = time.monotonic() + 30.0
        while call.state == state.DIALING and time.monotonic() < waited:
            time.sleep(FRAME_TIME)
        if call.state != state.ANSWERED:
            return Dialled(False, 0.0, 0, "not answered")
        say("answered")
        return _talk(call, state, keys, pause, duration, record, say)


@contextmanager
def _phone(target: Target, account: str, password: str) -> Iterator[tuple[Any, Any]]:
    try:
        from pyVoIP.VoIP import CallState, InvalidStateError, VoIPPhone
    except ImportError:
        raise AdminError([Fault(Place("hotline dial"), "the softphone is not installed",
                                "pip install 'hotline[softphone]'")]) from None
    ours = facing(target.host)
    phone = VoIPPhone(target.host, target.port, account, password, myIP=ours, sipPort=_free_port(ours),
                      rtpPortLow=MEDIA_PORTS[0], rtpPortHigh=MEDIA_PORTS[1])
    try:
        phone.start()
    except Exception as error:      # it raises its own kinds, OSError and RuntimeError alike
        raise AdminError([Fault(Place(f"sip:{account}@{target.host}:{target.port}"),
                                f"the softphone could not register: {str(error)[:200]}",
                                "does the hotline run, and is the password the right one?")]) from None
    try:
        yield phone, CallState
    finally:
        with suppress(InvalidStateError):
            phone.stop()


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def _talk(call: Any, state: Any, keys: str, pause: float, duration: float, record: Path | None,
          say: Callable[[str], None]) -> Dialled:
    begin = time.monotonic()
    presses = list(_presses(keys, pause))
    heard = 0
    with _recorder(record) as write:
        frame = 0
        while call.state == state.ANSWERED and time.monotonic() - begin < duration:
            if presses and time.monotonic() - begin >= presses[0][0]:
                key = presses.pop(0)[1]
                say(f"pressing {key}")
                _press(call.RTPClients[0], key)
            samples = call.read_audio(FRAME, blocking=False)
            write(samples)
            heard += len(samples)
            frame += 1
            time.sleep(max(0.0, begin + frame * FRAME_TIME - time.monotonic()))
    seconds = time.monotonic() - begin
    if call.state == state.ANSWERED:
        call.hangup()
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
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)             # pyVoIP hands out 8-bit unsigned samples
        file.setframerate(8000)
        yield file.writeframes
