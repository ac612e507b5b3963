"""`hotline demo`: the whole story in simulated time, with the real configuration, menus, prompts and database.

A caller dials the first line, presses keys in the middle of prompts, asks for an operator, hears place and music, talks
and hangs up. What is left: the ladder, a WAV of what the caller heard, and the row.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.audio.g711 import decode_alaw, decode_ulaw, encode_ulaw
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.ids import Ids
from ivr.base.trace import ladder
from ivr.drivers.prompt_files import write_wav
from ivr.drivers.secrets_file import Secrets
from ivr.exchange.exchange import Exchange
from ivr.exchange.virtual import Hotline, Network, World
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.media.commands import Hello
from ivr.media.plane import Plane
from ivr.media.virtual_wire import VirtualWire
from ivr.service.build import build_exchange
from ivr.service.loading import Loaded
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from routing.requests.database import open_database
from routing.requests.quarantine import Quarantine
from routing.requests.repository import Repository
from routing.requests.store import Store
from routing.requests.views import RequestView

HOST, CALLER_HOST, OPERATOR_HOST = "127.0.9.1", "127.0.9.2", "127.0.9.3"
RATE = 8000
STREAMS = 16
DECODE = {0: decode_ulaw, 8: decode_alaw}


@dataclass(frozen=True)
class Told:
    """What the demo leaves behind."""

    ladder: str
    ladder_file: Path
    wav_file: Path
    seconds: float
    request: RequestView
    database: Path


def tell(loaded: Loaded, folder: Path, seed: int = 7) -> Told:
    """Play the story and write its files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    ids = Ids(chance.randbytes)
    world = World(Network(chance.random))
    began = datetime.now(UTC)
    exchange = build_exchange(loaded, Secrets("demo", b"", b"", "", {}, {}, ()), "demo", ids,
                              lambda at: began + timedelta(seconds=at), lambda remote: HOST, 0.0)
    samples = {clip: np.fromfile(path, "<i2") for clip, path in loaded.clips.items()}
    hotline = Hotline(world, exchange, VirtualWire(Plane(tuple(range(20_000, 20_000 + 2 * STREAMS, 2))), HOST, samples))
    hotline.start(HOST)
    _plane_up(hotline)
    caller, operator = _phones(world, ids, exchange, hotline)
    _play(world, loaded, caller, operator)
    return _leave(loaded, hotline, caller, folder)


def _plane_up(hotline: Hotline) -> None:
    for event in hotline.wire.handle(Hello(1), 0.0):
        hotline.carry_out(hotline.exchange.plane_event(event, 0.0))


def _phones(world: World, ids: Ids, exchange: Exchange, hotline: Hotline) -> tuple[VirtualPhone, VirtualPhone]:
    """A caller, and the phone of the first operator, registered."""
    name = next(iter(exchange.house.config.operators), "nobody")
    caller = VirtualPhone(world, CALLER_HOST, "+74955550142", ids, PhoneBehaviour())
    operator = VirtualPhone(world, OPERATOR_HOST, name, ids, PhoneBehaviour(delay=6.0), tone=_tone(440))
    caller.tone = _tone(660)
    flow = Flow("udp", (HOST, 5060), (OPERATOR_HOST, 5060))
    binding = Binding(name, parse_uri(f"sip:{name}@{OPERATOR_HOST}"), flow, 1.0, 3600.0)
    hotline.carry_out(exchange.restore_phones([binding], 0.0))
    return caller, operator


def _tone(hertz: float) -> "_Tone":
    return _Tone(hertz)


class _Tone:
    """What a simulated person says: a soft tone."""

    def __init__(self, hertz: float) -> None:
        time = np.arange(RATE) / RATE       # one second holds whole periods of a whole number of hertz
        wave = encode_ulaw((3000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16)).tobytes()
        self._frames = [wave[at:at + 160] for at in range(0, RATE, 160)]

    def __call__(self, frame: int) -> bytes:
        return self._frames[frame % len(self._frames)]


def _play(world: World, loaded: Loaded, caller: VirtualPhone, operator: VirtualPhone) -> None:
    line = loaded.config.lines[0]
    caller.call(f"sip:{line.numbers[0]}@{HOST}")
    for wait, key in STORY:
        world.run(wait)
        caller.press(key)
    world.run(60.0, lambda: operator.talking)
    world.run(4.0)
    caller.hang_up()
    world.run(40.0)


# Seconds, then a key: the language in the middle of its question, the cards in the middle of the menu, an operator.
STORY = ((3.0, "1"), (6.0, "2"), (4.0, "0"))


def _leave(loaded: Loaded, hotline: Hotline, caller: VirtualPhone, folder: Path) -> Told:
    requests = [row.id for batch in hotline.stored for row in batch.requests]
    if not requests or not caller.heard:
        raise AdminError([Fault(Place(str(loaded.config.lines[0].menu)), "the demo's caller reached no operator",
                                "its story fits the sample bank's menu: " +
                                ", ".join(f"{key} after {wait:g} s" for wait, key in STORY))])
    drawn = "\n\n".join(ladder(trace.rows) for batch in hotline.stored for trace in batch.traces)
    ladder_file, wav_file, database = folder / "ladder.txt", folder / "heard.wav", folder / "demo.db"
    ladder_file.write_text(drawn + "\n", encoding="utf-8")
    heard = _heard(caller)
    write_wav(wav_file, heard)
    engine = open_database(f"sqlite:///{database}")
    try:
        Store(engine, Quarantine(folder / "quarantine.jsonl")).write(hotline.stored)
        request = Repository(engine).request(requests[0])
    finally:
        engine.dispose()
    assert request is not None
    return Told(drawn, ladder_file, wav_file, len(heard) / RATE, request, database)


def _heard(caller: VirtualPhone) -> NDArray[np.int16]:
    """The RTP that came, laid out by arrival time: what was not sent is silence."""
    begin = caller.heard[0][0]
    end = caller.heard[-1][0]
    samples = np.zeros(int((end - begin) * RATE) + 160, np.int16)
    for at, payload_type, _, payload in caller.heard:
        decode = DECODE.get(payload_type)
        if decode is not None:
            frame = decode(np.frombuffer(payload, np.uint8))
            start = round((at - begin) * RATE)
            samples[start:start + len(frame)] = frame[:len(samples) - start]
    return samples


def as_lines(request: RequestView) -> Mapping[str, str]:
    """The row, for people."""
    path = ", ".join(f"{step.keys} in {step.menu}" for step in request.path)
    return {
        "caller": request.caller_number or "", "number dialled": request.dialled, "language": request.language,
        "path": path, "queue": request.queue, "operator": request.operator,
        "waited": f"{request.wait_time or 0:.1f} s", "talked": f"{request.talk_time or 0:.1f} s",
        "outcome": str(request.outcome),
    }
