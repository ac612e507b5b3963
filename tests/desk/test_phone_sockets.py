"""The WebSockets of pages without a network: what one page costs the others, and what it may do how often."""

import asyncio
import dataclasses
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from desk.phone import sockets
from desk.phone.audio import AudioPort
from desk.phone.phones import Phones
from desk.phone.protocol import WISHES_BURST
from desk.phone.stream import Stream
from desk.phone.try_limit import ALL_SOCKETS, SOCKETS
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.exchange.browser_phones import GRACE
from tests.desk.desk_rig import Rig

LATER, NOT_LOGGED_IN, TOO_MUCH, RATE = 1013, 4001, 4008, 4029


class Control:
    """Says yes, with whatever `told` is put in the way of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.before: Callable[[str], Awaitable[None]] | None = None

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((op, arguments))
        if self.before is not None:
            await self.before(op)
        return {"state": "idle", "call": None}

    def ops(self, op: str) -> int:
        return sum(one == op for one, _ in self.asked)


class Socket:
    """One page's, as the server hands it to the application."""

    def __init__(self, rig: Rig, host: str = "10.0.0.1", path: str = "/ws/try", cookie: str = "") -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.told: list[dict[str, Any]] = []
        self.code: int | None = None
        self.said.put_nowait({"type": "websocket.connect"})
        headers = [(b"host", b"desk"), (b"cookie", f"hotline_session={cookie}".encode())]
        scope = {"type": "websocket", "path": path, "scheme": "ws", "headers": headers,
                 "client": (host, 50_000), "app": rig.app, "query_string": b""}
        self.served = asyncio.create_task(rig.app(scope, self.said.get, self._send))

    async def _send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
        elif message.get("text") is not None:
            self.told.append(json.loads(message["text"]))

    def say(self, type_: str, **fields: Any) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": json.dumps({"type": type_, **fields})})

    def refusals(self) -> list[str]:
        return [one["code"] for one in self.told if one["type"] == "refused"]

    async def close(self) -> None:
        self.said.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.served


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Rig, Control]]:
    """A desk from which anybody may call, with a control that knows of pages alone."""
    rig = Rig(tmp_path, create_engine("sqlite://"),
              try_page={"open_to": "anybody", "max_calls": 2, "calls_per_minute": 600})
    control = Control()
    rig.app.state.phones.link = control
    yield rig, control
    rig.close()
    if (audio := rig.app.state.phones._audio) is not None:
        audio.close()


async def settle() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def greeted(rig: Rig, host: str = "10.0.0.1") -> Socket:
    socket = Socket(rig, host)
    socket.say("hello", resume=None)
    await settle()
    assert [one["type"] for one in socket.told] == ["ready"], (socket.told, socket.code)
    return socket


def test_holds__that_nobody_makes_by_hand_do_not_reach_control(house: tuple[Rig, Control]) -> None:
    rig, control = house

    async def scene() -> None:
        page = await greeted(rig)
        for number in range(WISHES_BURST + 30):
            page.say("hold", held=number % 2 == 0)
        page.say("hang_up")
        await settle()
        assert WISHES_BURST <= control.ops("browser_hold") <= WISHES_BURST + 2
        assert control.ops("browser_hang_up") == 1
        assert set(page.refusals()) == {"too_often"}
        await page.close()

    rig.run(scene())


def test_strangers__who_dial_at_the_same_moment_are_counted_all_the_same(house: tuple[Rig, Control]) -> None:
    rig, control = house

    async def scene() -> None:
        pages = [await greeted(rig, f"10.0.0.{number}") for number in range(5)]
        heard = asyncio.Event()

        async def slow(op: str) -> None:
            if op == "browser_dial":
                await heard.wait()

        control.before = slow
        for page in pages:
            page.say("dial", number="100")
        await settle()
        heard.set()
        await settle()
        assert [page.refusals() for page in pages] == [[], [], *[["too_many_calls"]] * 3]
        assert control.ops("browser_dial") == 2
        for page in pages:
            await page.close()

    rig.run(scene())


def test_strangers__whose_pages_left_are_counted_while_their_calls_go_on(house: tuple[Rig, Control]) -> None:
    rig, control = house

    async def scene() -> None:
        for number in range(2):
            page = await greeted(rig, f"10.0.0.{number}")
            page.say("dial", number="100")
            await settle()
            await page.close()
        late = await greeted(rig, "10.0.0.9")
        late.say("dial", number="100")
        await settle()
        assert late.refusals() == ["too_many_calls"]
        rig.app.state.phones.strangers._away.clear()        # as after GRACE
        late.say("dial", number="100")
        await settle()
        assert late.refusals() == ["too_many_calls"]
        assert control.ops("browser_dial") == 3
        await late.close()

    rig.run(scene())


def test_dial__that_control_refused_counts_no_longer(house: tuple[Rig, Control]) -> None:
    rig, control = house

    async def refuse(op: str) -> None:
        if op == "browser_dial":
            raise ControlRefused("unknown_phone", "gone")

    async def scene() -> None:
        page = await greeted(rig)
        control.before = refuse
        for _ in range(3):
            page.say("dial", number="100")
        await settle()
        assert page.refusals() == ["unknown_phone"] * 3
        await page.close()

    rig.run(scene())


def test_strangers__leave_sockets_for_people(house: tuple[Rig, Control]) -> None:
    rig, _ = house

    async def scene() -> None:
        strangers = [Socket(rig, f"10.0.{number // SOCKETS}.1") for number in range(ALL_SOCKETS + 1)]
        await settle()
        assert [one.code for one in strangers] == [None] * ALL_SOCKETS + [RATE]
        for one in strangers:
            await one.close()
        assert rig.app.state.phones.strangers._sockets._open == {}

    rig.run(scene())


def test_people__one_of_them_takes_no_more_than_their_share(house: tuple[Rig, Control]) -> None:
    rig, _ = house
    anna, boris = (rig.logged_in(name).cookies["hotline_session"] for name in ("anna", "boris"))

    async def scene() -> None:
        hers = [Socket(rig, f"10.0.0.{number}", path, anna) for number, path in zip(
            range(sockets.MOST_OF_ONE + 1), itertools.cycle(["/ws/phone", "/ws/try"]))]
        await settle()
        assert [one.code for one in hers] == [None] * sockets.MOST_OF_ONE + [RATE]
        his = Socket(rig, "10.0.0.1", "/ws/phone", boris)
        await hers[0].close()
        another = Socket(rig, "10.0.0.1", "/ws/phone", anna)
        await settle()
        assert (his.code, another.code) == (None, None)
        for one in (*hers[1:], his, another):
            await one.close()

    rig.run(scene())


def test_people__with_a_password_that_was_made_for_them_have_no_phone_yet(house: tuple[Rig, Control]) -> None:
    rig, _ = house
    rig.logins["anna"] = dataclasses.replace(rig.logins["anna"], one_time_until=2_000.0)
    anna = rig.logged_in("anna").cookies["hotline_session"]

    async def scene() -> None:
        page = Socket(rig, "10.0.0.1", "/ws/phone", anna)
        await page.served
        assert page.code == NOT_LOGGED_IN

    rig.run(scene())


def test_hello__while_control_is_away_is_asked_for_again_later(
        house: tuple[Rig, Control], monkeypatch: pytest.MonkeyPatch) -> None:
    rig, control = house
    monkeypatch.setattr(sockets, "HELLO", 0.1)

    async def away(op: str) -> None:
        raise ControlAway("gone")

    async def scene() -> None:
        control.before = away
        page, silent = Socket(rig), Socket(rig)
        page.say("hello", resume=None)
        for one in (page, silent):
            await one.served
        assert page.refusals() == ["control_away"]
        assert (page.code, silent.code) == (LATER, TOO_MUCH)      # browsers come again after the first alone

    rig.run(scene())


def test_frames__of_a_network_that_stood_still_end_no_call(house: tuple[Rig, Control]) -> None:
    rig, _ = house

    async def scene() -> None:
        page = await greeted(rig)
        for _ in range(int(50 * GRACE)):
            page.said.put_nowait({"type": "websocket.receive", "bytes": b"\xff" * 160})
        page.say("ping", at=7)
        await settle()
        assert page.code is None
        assert page.told[-1] == {"type": "pong", "at": 7}
        for _ in range(50):
            for _ in range(50):                 # a second of audio, in no time
                page.said.put_nowait({"type": "websocket.receive", "bytes": b"\xff" * 160})
            await settle()
        assert page.code == TOO_MUCH
        await page.served

    rig.run(scene())


class Broken:
    """A page whose audio fails by a bug."""

    def __init__(self) -> None:
        self.stream = Stream(1, 2, 3)
        self.stream.down.append(b"x" * 160)
        self.flushed = 0

    def flush(self) -> None:
        self.flushed += 1
        raise RuntimeError("a bug")


def test_audio__goes_on_after_a_fault(capfd: pytest.CaptureFixture[str]) -> None:
    async def scene() -> None:
        port, page = AudioPort("127.0.0.1"), Broken()
        port.add(page)
        while page.flushed < 5:
            await asyncio.sleep(0.01)
        port.close()

    asyncio.run(asyncio.wait_for(scene(), 10))
    assert capfd.readouterr().err.count("audio_of_pages_failed") <= 1


def test_reopen__a_page_that_lost_its_phone_does_not_take_it_back(house: tuple[Rig, Control]) -> None:
    rig, control = house

    async def scene() -> None:
        first = await greeted(rig)
        phones: Phones = rig.app.state.phones
        (page,) = phones._by_phone.values()
        await first.close()
        asked = control.ops("browser_open")
        await phones._reopen(page)
        assert control.ops("browser_open") == asked

    rig.run(scene())
