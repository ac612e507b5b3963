"""A hotline in virtual time with the sample bank's menu, and clips whose every frame tells which clip it is."""

import hashlib
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from ivr.audio.g711 import encode_alaw, encode_ulaw
from ivr.base.config import Config
from ivr.base.ids import Ids
from ivr.base.trace import ladder
from ivr.call.record import CallRow, EntryRow, RequestRow
from ivr.drivers.passwords import ha1
from ivr.drivers.secrets_file import Secrets, SipSecret
from ivr.exchange.exchange import Exchange
from ivr.exchange.virtual import Hotline, Network, World
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.media.plane import Plane, PlaneSettings
from ivr.media.virtual_wire import VirtualWire
from ivr.menu.announcements import load_announcements
from ivr.menu.loader import load_menu
from ivr.menu.model import Announcements, Known, Menu, texts
from ivr.service.build import build_exchange
from ivr.service.loading import Loaded
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from tests.support.dying import dying, of_its_own
from tests.support.rewritten import Rewritten

ROOT = Path(__file__).parent.parent.parent
HOTLINE, CALLER = "127.0.9.1", "127.0.9.10"
CLIP_SECONDS = 1.0
CLIPS_SECONDS = 600.0        # room for all of them
FRAME = 160
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Story:
    """A world with the hotline, one caller and the operators anna and boris, whose phones are registered."""

    world: World
    hotline: Hotline
    phones: dict[str, VirtualPhone]
    frames: Mapping[bytes, tuple[str, int]]
    seconds: Mapping[str, float]
    ids: Ids
    boot: int = 0
    events: list[Any] = field(default_factory=list)

    @property
    def caller(self) -> VirtualPhone:
        return self.phones["caller"]

    def heard(self, who: str = "caller") -> list[tuple[str, float, int]]:
        """What a phone heard: (clip or "silence" or "other", when it began, frames)."""
        found = [(self.frames.get(payload, (_unnamed(payload), 0))[0], at)
                 for at, payload_type, _, payload in self.phones[who].heard if payload_type in (0, 8)]
        runs = [(name, list(run)) for name, run in groupby(found, key=lambda entry: entry[0])]
        return [(name, run[0][1], len(run)) for name, run in runs]

    def clips_heard(self, who: str = "caller") -> list[str]:
        return [name for name, _, _ in self.heard(who) if name not in ("silence", "other")]

    def rows(self) -> dict[str, CallRow]:
        """The calls as the database would have them now."""
        latest: dict[str, CallRow] = {}
        for batch in self.hotline.stored:
            for row in batch.calls:
                if row.id not in latest or row.revision > latest[row.id].revision:
                    latest[row.id] = row
        return latest

    def row(self) -> CallRow:
        (row,) = self.rows().values()
        return row

    def requests(self) -> list[RequestRow]:
        latest: dict[str, RequestRow] = {}
        for batch in self.hotline.stored:
            for row in batch.requests:
                if row.id not in latest or row.revision > latest[row.id].revision:
                    latest[row.id] = row
        return list(latest.values())

    def entries(self) -> list[EntryRow]:
        return [entry for batch in self.hotline.stored for entry in batch.entries]

    def ladder(self) -> str:
        return "\n".join(ladder(trace.rows) for batch in self.hotline.stored for trace in batch.traces)

    def settle(self, seconds: float = 70.0) -> None:
        """Let every transaction end."""
        self.world.run(seconds)

    def assert_clean(self) -> None:
        """No call, no leg, no port, no operator is left behind, and every call has exactly one outcome."""
        house = self.hotline.exchange.house
        assert not house.calls, self.ladder()
        assert len(house.legs) == 0
        assert house.legs.planes.in_use == 0
        counts = house.endpoint.counts()
        assert counts.pop("timers") <= 2 * counts["bindings"]      # an expiry and a keep-alive each
        assert {name: value for name, value in counts.items() if value and name not in KEPT} == {}
        for operator in house.dispatcher.snapshot(self.world.now)["operators"]:
            assert operator["state"] == "idle", operator
        for row in self.rows().values():
            assert row.outcome is not None, row
        ended = [entry.call_id for entry in self.entries() if entry.kind == "ended"]
        assert sorted(ended) == sorted(self.rows())
        for queue in house.dispatcher.snapshot(self.world.now)["queues"]:
            assert queue["waiting"] == 0, queue
        self.assert_accounted()

    def assert_accounted(self) -> None:
        """Between two turns everybody is accounted for, whatever goes on."""
        exchange = self.hotline.exchange
        exchange.check_accounts(self.world.now)
        assert exchange.house.sums.faults == (), self.ladder()


# what the endpoint may hold while no call is there
KEPT = frozenset({"bindings", "accounts", "streams", "watched_sources", "pages"})


def _unnamed(payload: bytes) -> str:
    return "silence" if len(set(payload)) == 1 else "other"


def make_story(*, config: Mapping[str, Any] | None = None, menu: str | None = None, network: Network | None = None,
               operators: Mapping[str, PhoneBehaviour] | None = None, seed: int = 1, ports: int = 40, workers: int = 1,
               registered: bool = True, caller: PhoneBehaviour | None = None, audio: bool = True,
               facing: Callable[[str], str] = lambda remote: HOTLINE) -> Story:
    chance = random.Random(seed)
    ids = Ids(lambda size: chance.randbytes(size))
    settings = Config.model_validate(base_config() | dict(config or {}))
    known = Known(frozenset(settings.queues), frozenset(settings.transfers))
    loaded_menu = _bank(known) if menu is None else load_menu(menu, "bank.yaml", None, known)
    announcements = _announcements(loaded_menu.languages)
    names = sorted({*texts(loaded_menu), *texts(announcements), *loaded_menu.clips(), *announcements.clips(),
                    "music/hold.wav"})
    samples = {name: _noise(name) for name in names}
    loaded = Loaded(settings, {str(line.menu): loaded_menu for line in settings.lines}, announcements,
                    {name: name for name in names}, dict.fromkeys(names, CLIP_SECONDS), ())
    world = World(network or Network(chance.random))
    own_ids, to_utc = of_its_own(ids, seed, START)
    exchange = build_exchange(loaded, _secrets(settings), "boot", own_ids, to_utc, facing, world.now, workers)
    plane = PlaneSettings(CLIPS_SECONDS, codecs=settings.codecs)
    wires = [VirtualWire(Plane(tuple(range(first, first + 2 * ports, 2)), settings=plane), HOTLINE, samples)
             for first in range(20_000, 20_000 + 2 * ports * workers, 2 * ports)]
    hotline = Hotline(world, dying(rewritten(exchange, seed), seed), *wires, audio=audio)
    phones = {"caller": VirtualPhone(world, CALLER, "caller", ids, caller or PhoneBehaviour())}
    behaviours = operators if operators is not None else {"anna": PhoneBehaviour(), "boris": PhoneBehaviour()}
    for number, (name, behaviour) in enumerate(behaviours.items()):
        phones[name] = VirtualPhone(world, f"127.0.9.{20 + number}", name, ids, behaviour)
    story = Story(world, hotline, phones, _frames(tuple(names)), dict.fromkeys(names, CLIP_SECONDS), ids)
    hotline.start(HOTLINE)
    for worker in range(workers):
        plane_up(story, worker)
    if registered:
        for name in behaviours:
            register(story, name)
    return story


def rewritten(exchange: Exchange, seed: int) -> Exchange:
    """With REWRITTEN in the environment, a share of all steps, the house is written and read back before those."""
    share, chance = float(os.environ.get("REWRITTEN", 0)), random.Random(seed)
    return cast(Exchange, Rewritten(exchange, lambda: chance.random() < share, notes=False)) if share else exchange


def plane_up(story: Story, worker: int = 0) -> None:
    from ivr.media.commands import Hello

    story.boot += 1
    story.hotline.to_planes(Hello(story.boot), worker)


def register(story: Story, name: str) -> None:
    """A phone logs in to its account."""
    phone = story.phones[name]
    flow = Flow("udp", (HOTLINE, 5060), (phone.host, 5060))
    binding = Binding(phone.user, parse_uri(f"sip:{name}@{phone.host}:5060"), flow, 1.0, story.world.now + 7200)
    story.hotline.carry_out(story.hotline.exchange.restore_phones([binding], story.world.now))


def base_config() -> dict[str, Any]:
    directions = ("lost_card", "cards", "loans", "deposits", "transfers", "corporate", "general")
    queue = {"operators": ["anna", "boris"], "ring_time_s": 10, "max_wait_s": 60}
    return {
        "node": "test", "drain_s": 5,
        "sip": {"listen": [f"udp:{HOTLINE}:5060"]},
        "media": {"host": HOTLINE, "allow_loopback": "always"},
        "lines": [{"numbers": ["100"], "menu": "menus/bank.yaml"}],
        "queues": dict.fromkeys(directions, queue),
        "operators": {"anna": {"display_name": "Anna"}, "boris": {"display_name": "Boris"}},
        "transfers": {"branch": "sip:branch@127.0.9.30"},
    }


def _secrets(config: Config) -> Secrets:
    """A phone's password is its name."""
    sip = {name: SipSecret(*(ha1(name, config.realm, name, kind) for kind in ("md5", "sha256")))
           for name in (*config.operators, *config.accounts)}
    return Secrets(config.realm, b"digest", b"session", "token", sip, {}, ())


# What is the same in every story is made once: with it, a story would take twice the time.
@lru_cache(maxsize=8)
def _bank(known: Known) -> Menu:
    return load_menu((ROOT / "menus/bank.yaml").read_text(), "bank.yaml", None, known)


@lru_cache(maxsize=8)
def _announcements(languages: tuple[str, ...]) -> Announcements:
    return load_announcements((ROOT / "menus/announcements.yaml").read_text(), "announcements.yaml", None, languages)


@lru_cache(maxsize=1000)
def _noise(name: str) -> Any:
    """A clip's samples, which nobody changes."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    samples = np.random.default_rng(seed).integers(-8000, 8000, int(CLIP_SECONDS * 8000), dtype=np.int16)
    samples.flags.writeable = False
    return samples


@lru_cache(maxsize=8)
def _frames(names: tuple[str, ...]) -> Mapping[bytes, tuple[str, int]]:
    """Which clip, and which of its frames, the octets of a frame are."""
    found: dict[bytes, tuple[str, int]] = {}
    for name in names:
        for encode in (encode_ulaw, encode_alaw):
            encoded = encode(_noise(name)).tobytes()
            for start in range(0, len(encoded), FRAME):
                found[encoded[start:start + FRAME]] = (name, start // FRAME)
    return MappingProxyType(found)
