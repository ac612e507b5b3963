"""Scenes that play at the same time in one service, each with phones of its own: a suite of calls takes as long as the
longest of them."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.phones.hearing import Clips
from tests.phones.phone import Phone, operator_phone
from tests.phones.rack import Handset, Rack
from tests.phones.record import call_of, errors_of, ladder_of
from tests.support.service import Service, wait_for

NOBODY: Mapping[str, Handset] = {}
CURTAIN = 60.0               # seconds that a scene waits for the phones of the others
SCENE_TIMEOUT = 110.0


@dataclass
class Stage:
    """Where one scene plays. Its phones have addresses of their own in the service's /24, and end with the scene."""

    service: Service
    folder: Path
    tones: Mapping[str, Path]
    clips: Clips
    curtain: threading.Barrier
    hosts: "itertools.count[int]"
    waits: float = 0.0           # seconds after the curtain: not everybody dials at once
    outside: Mapping[str, Handset] = field(default_factory=dict)     # telephones of others; each scene has its own
    closing: ExitStack = field(default_factory=ExitStack)
    callers: list[str] = field(default_factory=list)
    raised: bool = False

    @property
    def host(self) -> str:
        """The service's address, of IPv4 if it has both."""
        hosts = self.service.config["media"]["host"]
        return str(hosts if isinstance(hosts, str) else hosts[0])

    def next_host(self) -> str:
        return f"{self.host.rpartition('.')[0]}.{next(self.hosts)}"

    def rack(self, *operators: str, callers: int = 1, tone: Path | None = None) -> Rack:
        """Telephones of these operators, registered, who answer at once; and of callers, four at a time or more."""
        rack = Rack(self.folder, self.service.sip, self.next_host(), operators, callers=callers, tone=tone)
        self.closing.callback(rack.close)
        rack.registered()
        for name in operators:
            self.wait_reachable(name)
            rack[name].habit(200)
        return rack

    def caller(self, user: str, *, host: str = "", server: str = "", **settings: Any) -> Phone:
        """A phone that calls, saying the caller's tone."""
        self.callers.append(user)
        phone = Phone(self.folder, server or self.service.sip, host or self.next_host(), user,
                      **{"tone": self.tones["caller"], **settings})
        self.closing.callback(phone.close)
        return phone

    def operator(self, user: str, *, host: str = "", server: str = "", **settings: Any) -> Phone:
        """An operator's phone, registered, saying the operator's tone."""
        phone = operator_phone(self.folder, server or self.service.sip, host or self.next_host(), user,
                               **{"tone": self.tones["operator"], **settings})
        self.closing.callback(phone.close)
        self.wait_reachable(user)
        return phone

    def wait_reachable(self, user: str) -> None:
        wait_for(lambda: self.service.operators()[user]["reachable"], 30, f"{user} was not reachable")

    def begin(self) -> None:
        """Wait until the phones of all scenes are there: what starts up takes the processor from who talks."""
        if not self.raised:
            self.raised = True
            with suppress(threading.BrokenBarrierError):     # another scene came too late; ours plays without it
                self.curtain.wait(CURTAIN)
            time.sleep(self.waits)

    def call(self, phone: Phone, keys: str, *, way: str = "dtmf", number: str = "100") -> dict[str, Any]:
        """Dial, and press the keys one after another in the prompts; the event of the last press."""
        phone.do(f"call:sip:{number}@{self.host}")
        phone.wait("state", state="CONFIRMED")
        last: dict[str, Any] = {}
        for key in keys:
            phone.do("wait:0.7")
            last = phone.do(f"{way}:{key}")
        return last

    def call_of(self, caller: str, timeout: float = 30.0) -> dict[str, Any]:
        """The one ended call of this number."""
        return call_of(self.service, caller, timeout)

    def is_idle(self, *operators: str) -> bool:
        states = self.service.operators()
        return all(states[operator]["state"] == "idle" for operator in operators)


Scene = Callable[[Stage], None]


@contextmanager
def playing(request: pytest.FixtureRequest, service: Service, folder: Path, tones: Mapping[str, Path], clips: Clips,
            scenes: Sequence[Scene], apart: float = 0.0,
            outside: Mapping[str, Handset] = NOBODY) -> Iterator[Mapping[str, "Future[None]"]]:
    """Play those of `scenes` that the tests of this run ask for, all at once or `apart` seconds after one another; what
    became of each by its name."""
    wanted = {item.callspec.params["scene"].__name__ for item in request.session.items      # type: ignore[attr-defined]
              if isinstance(item, pytest.Function) and item.path == request.path and hasattr(item, "callspec")}
    cast = [scene for scene in scenes if scene.__name__ in wanted]
    curtain, hosts = threading.Barrier(max(1, len(cast))), itertools.count(10)
    with ThreadPoolExecutor(max(1, len(cast))) as pool:
        yield {scene.__name__: pool.submit(_play, scene, Stage(service, _new(folder / scene.__name__), tones, clips,
                                                               curtain, hosts, number * apart, outside))
               for number, scene in enumerate(cast)}


def outcome(played: "Future[None]", timeout: float = SCENE_TIMEOUT) -> None:
    """Wait for a scene and raise what it raised."""
    played.result(timeout)


def all_over(service: Service, played: Mapping[str, "Future[None]"], within: float = 30) -> None:
    """Every scene has ended, and left neither a call nor a port, a busy operator or an error."""
    for scene in played.values():
        scene.exception(0)
    wait_for(service.snapshot_is_idle, within, "a call or a port was left")
    assert {operator["state"] for operator in service.operators().values()} == {"idle"}
    assert errors_of(service) == []


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _play(scene: Scene, stage: Stage) -> None:
    with stage.closing:
        try:
            scene(stage)
        except AssertionError as error:
            for caller in stage.callers:
                error.add_note(ladder_of(stage.service, caller))
            raise
        finally:
            stage.begin()


def talk(caller: Phone, operator: Phone) -> None:
    """Three seconds, then the caller hangs up."""
    operator.wait("state", state="CONFIRMED")
    caller.do("wait:3")
    caller.hang_up()
    operator.wait("state", state="DISCONNECTED")


def codec_of(phone: Phone) -> str:
    """What the phone says that it speaks."""
    return str(phone.happened("codec")[-1]["codec"])
