"""The stream of what goes on: who is told what, when, and when it ends. In-process, with events as they are sent."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from desk.api import live
from desk.live import hub
from desk.live.changes import differs
from desk.who import Who
from ivr.drivers.control_link import ControlAway
from tests.desk.desk_rig import TOKEN, Rig


class Stream:
    """One GET of /api/live, spoken as ASGI: httpx would wait for its end."""

    def __init__(self, rig: Rig, headers: dict[str, str]) -> None:
        self.status, self.text, self.headers = 0, "", {}
        self._gone = asyncio.Event()
        scope = {"type": "http", "method": "GET", "path": "/api/live", "raw_path": b"/api/live", "query_string": b"",
                 "scheme": "http", "server": ("desk", 80), "client": ("192.0.2.1", 9), "http_version": "1.1",
                 "headers": [(name.lower().encode(), value.encode())
                             for name, value in ({"Host": "desk"} | headers).items()]}
        self.task = asyncio.create_task(rig.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        self.text += message.get("body", b"").decode()

    def told(self, topic: str) -> list[dict[str, Any]]:
        blocks = (block.splitlines() for block in self.text.split("\n\n"))
        return [json.loads(block[1].removeprefix("data: ")) for block in blocks if block[0:1] == [f"event: {topic}"]]

    async def until(self, what: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not what():
                await asyncio.sleep(0.005)

    async def leave(self) -> None:
        self._gone.set()
        with suppress(asyncio.CancelledError):
            await self.task


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, seconds in ((hub, "EVERY", 0.02), (hub, "SHORTEST", 0.01), (live, "CHECKED_EVERY", 0.02),
                                  (live, "TOKEN_CHECKED_EVERY", 0.02)):
        monkeypatch.setattr(module, name, seconds)


def cookie(rig: Rig, name: str) -> dict[str, str]:
    return {"Cookie": f"hotline_session={rig.logged_in(name).cookies['hotline_session']}"}


def turn(rig: Rig) -> None:
    """The rig's clock stands; a snapshot is asked anew when it moves."""
    rig.clock.now += 1.0
    for operator in rig.control.snapshot["operators"]:
        for name in ("status_time", "state_time", "idle_time"):
            operator[name] += 1.0
    rig.control.snapshot["calls"][0]["since_s"] += 1.0
    queue = rig.control.snapshot["queues"][0]
    queue["longest_wait"] += 1.0
    queue["calls"][0]["wait_time"] += 1.0


def test_live__each_role_sees_what_it_may(rig: Rig) -> None:
    rig.control.snapshot["trunks"] = []
    anna, olga = cookie(rig, "anna"), cookie(rig, "olga")

    async def look() -> tuple[Stream, Stream]:
        of_anna, of_olga = Stream(rig, anna), Stream(rig, olga)
        await of_anna.until(lambda: of_anna.told("board") and of_anna.told("me") and of_olga.told("board"))
        await of_anna.leave()
        await of_olga.leave()
        return of_anna, of_olga

    of_anna, of_olga = rig.run(look())
    assert of_anna.headers["content-type"].startswith("text/event-stream")
    assert of_anna.headers["cache-control"] == "no-store"
    [seen], [all_] = of_anna.told("board"), of_olga.told("board")
    assert [operator["name"] for operator in seen["operators"]] == ["anna", "boris"]
    assert seen["operators"][0]["display_name"] == "Anna"
    assert (seen["calls"], seen["calls_in_progress"], "trunks" in seen) == ([], 1, False)
    assert seen["health"].keys() == {"state"}
    assert (all_["calls"][0]["call"], all_["trunks"], "checks" in all_["health"]) == ("c1", [], True)
    [me] = of_anna.told("me")
    assert (me["operator"]["name"], me["cards"]) == ("anna", [])
    assert of_olga.told("me") == []


def test_live__passing_seconds_are_no_news_and_changes_are(rig: Rig) -> None:
    olga = cookie(rig, "olga")

    async def look() -> Stream:
        stream = Stream(rig, olga)
        await stream.until(lambda: stream.told("board"))
        for _ in range(5):
            rig.control.asked.clear()
            turn(rig)
            await stream.until(lambda: rig.control.asked)
            await asyncio.sleep(0.03)       # the look that follows the question
        before = len(stream.told("board"))
        turn(rig)
        rig.control.snapshot["operators"][0].update(state="ringing", state_time=0.0)
        await stream.until(lambda: len(stream.told("board")) > before)
        assert before == 1
        await stream.leave()
        return stream

    boards = rig.run(look()).told("board")
    assert [board["operators"][0]["state"] for board in boards] == ["idle", "ringing"]


def test_live__who_comes_later_is_told_seconds_that_are_true_now(rig: Rig) -> None:
    olga = cookie(rig, "olga")

    async def look() -> Stream:
        first = Stream(rig, olga)
        await first.until(lambda: first.told("board"))
        turn(rig)
        second = Stream(rig, olga)
        await second.until(lambda: second.told("board"))
        await first.leave()
        await second.leave()
        return second

    [board] = rig.run(look()).told("board")
    assert board["operators"][0]["status_time"] == 6.0


def test_live__control_away_keeps_the_last_board_and_says_so(rig: Rig) -> None:
    olga = cookie(rig, "olga")

    async def look() -> Stream:
        stream = Stream(rig, olga)
        await stream.until(lambda: stream.told("board"))
        rig.control.down = ControlAway("gone")
        turn(rig)
        await stream.until(lambda: len(stream.told("board")) == 2)
        rig.control.down = None
        turn(rig)
        await stream.until(lambda: len(stream.told("board")) == 3)
        await stream.leave()
        return stream

    boards = rig.run(look()).told("board")
    assert [board["control"] for board in boards] == [True, False, True]
    assert [len(board["operators"]) for board in boards] == [2, 2, 2]


def test_live__control_is_asked_only_while_somebody_looks_on(rig: Rig) -> None:
    olga = cookie(rig, "olga")

    async def look() -> int:
        stream = Stream(rig, olga)
        await stream.until(lambda: stream.told("board"))
        await stream.leave()
        await asyncio.sleep(0.05)
        asked = len(rig.control.asked)
        rig.clock.now += 10
        await asyncio.sleep(0.1)
        return len(rig.control.asked) - asked

    assert rig.run(look()) == 0


@pytest.mark.parametrize("how", ["logout", "expiry", "password", "end of the service"])
def test_live__ends_with_the_session(rig: Rig, how: str) -> None:
    client = rig.logged_in("anna")
    held = {"Cookie": f"hotline_session={client.cookies['hotline_session']}"}

    async def look() -> Stream:
        stream = Stream(rig, held)
        await stream.until(lambda: stream.told("board"))
        if how == "logout":
            rig.app.state.desk.sessions.end(
                rig.app.state.desk.sessions.check(client.cookies["hotline_session"], rig.clock()), rig.clock())
        elif how == "expiry":
            rig.clock.now += 12 * 3600
        elif how == "password":
            rig.logins["anna"] = rig.logins["boris"]
        else:
            rig.app.state.live.close()
        await stream.until(stream.task.done)
        return stream

    assert rig.run(look()).status == 200


def test_live__ends_with_its_token(rig: Rig) -> None:
    made = rig.program.post("/api/tokens", json={"name": "wallboard"}).json()

    async def look() -> Stream:
        stream = Stream(rig, {"Authorization": f"Bearer {made['token']}"})
        await stream.until(lambda: stream.told("board"))
        rig.app.state.desk.tokens.withdraw(made["id"], "admin")
        await stream.until(stream.task.done)
        return stream

    stream = rig.run(look())
    assert (stream.told("board")[0]["calls"], stream.told("me")) == ([], [])


def test_live__strangers_foreign_pages_and_too_many_are_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_OF_ONE", 2)
    olga, anna = cookie(rig, "olga"), cookie(rig, "anna")

    async def look() -> list[int]:
        streams = [Stream(rig, headers) for headers in (
            {}, olga | {"Origin": "http://evil.example"}, {"Authorization": "Bearer wrong"}, anna, olga, olga, olga)]
        for stream in streams:
            await stream.until(lambda stream=stream: stream.status)
        for stream in streams:
            await stream.leave()
        return [stream.status for stream in streams]

    statuses = rig.run(look())
    assert statuses[:4] == [401, 403, 401, 200]
    assert sorted(statuses[4:]) == [200, 200, 429]      # whose question comes first is chance


def test_live__who_reads_slowly_gets_the_newest_board_alone(rig: Rig) -> None:
    listener = hub.Listener(Who("olga", "supervisor"))
    for number in range(1000):
        listener.tell("board", str(number))
    assert listener.take() == {"board": "999"}
    assert listener.take() == {}


def test_live__large_boards_come_more_rarely_and_newcomers_at_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "OCTETS_PER_S", 100)       # a board costs RAREST seconds
    olga = cookie(rig, "olga")

    async def look() -> tuple[int, int]:
        first = Stream(rig, olga)
        await first.until(lambda: first.told("board"))
        turn(rig)
        rig.control.snapshot["operators"][0].update(state="ringing", state_time=0.0)
        second = Stream(rig, olga)
        await second.until(lambda: second.told("board"))
        held_back = len(first.told("board"))
        for _ in range(10):
            turn(rig)
        await first.until(lambda: len(first.told("board")) > 1)
        await first.leave()
        await second.leave()
        return held_back, second.told("board")[0]["operators"][0]["state"]

    assert rig.run(look()) == (1, "ringing")


def test_differs__clocks_that_go_on_are_the_same_and_those_that_jump_are_not() -> None:
    before = {"operators": [{"state_time": 5.0, "rest_time": 3.0, "call": None}], "at": 1}
    for after, changed in ((((7.1, 0.9), None), False), (((0.0, 0.9), None), True), (((7.0, 3.0), None), False),
                           (((7.0, 9.0), None), True), (((7.0, 1.0), "c1"), True)):
        (state_time, rest_time), call = after
        operators = [{"state_time": state_time, "rest_time": rest_time, "call": call}]
        assert differs(before, {"operators": operators, "at": 9}, 2.0) is changed, after
    assert differs({"a": [1]}, {"a": [1, 2]}, 0.0)
    assert differs({"expires_in_s": None}, {"expires_in_s": 5.0}, 0.0)
    assert differs({"a": 1}, {"b": 1}, 0.0)


def test_program__may_look_on(rig: Rig) -> None:
    async def look() -> Stream:
        stream = Stream(rig, {"Authorization": f"Bearer {TOKEN}"})
        await stream.until(lambda: stream.told("board"))
        await stream.leave()
        return stream

    assert rig.run(look()).told("board")[0]["calls"][0]["call"] == "c1"
