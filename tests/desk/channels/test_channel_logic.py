"""Gateway and outbox on a real database, with a control that answers from a script and a channel that is told what to
do: order, back-off, who holds up whom, and what a crash between sending and marking does.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from desk.channels.channel import Away, Channel, Gone, NotTaken, Outgoing, Refused, TryLater
from desk.channels.gateway import Gateway
from desk.channels.outbox import Outbox
from desk.channels.standing import Standing, backed_off
from desk.channels.telegram_texts import keyboard, parted, pressed, units
from ivr.base.config import Config
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests import deliveries
from routing.requests.database import open_database
from routing.requests.tables import Call, Message

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Script(Channel):
    """Sends as it is told: `faults` by visitor, then everything arrives."""

    name = "http/shop"
    at_once = 4

    def __init__(self) -> None:
        self.arrived: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.faults: dict[str, list[Exception]] = {}
        self.most, self.now_sending = 0, 0
        self.blocked = asyncio.Event()
        self.holds: set[str] = set()

    def pieces(self, message: Outgoing) -> list[str]:
        return message.body.split("|")

    async def send(self, visitor: str, message: Outgoing) -> None:
        self.now_sending += 1
        self.most = max(self.most, self.now_sending)
        try:
            if visitor in self.holds:
                await self.blocked.wait()
            await asyncio.sleep(0)
            if self.faults.get(visitor):
                raise self.faults[visitor].pop(0)
            self.arrived.append((visitor, message.body))
            self.ids.append(message.id)
        finally:
            self.now_sending -= 1

    def of(self, visitor: str) -> list[str]:
        return [body for who, body in self.arrived if who == visitor]


class House:
    """Control and clock. Chats are `call-VISITOR`."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.now = engine, 1000.0
        self.config = Config.model_validate({"lines": [{"numbers": ["100"], "menu": "m"}], "node": "n1", "channels": {
            "http": {"line": "100", "gateways": {"shop": {"url": "https://shop.example"}}}}})
        self.channel = Script()
        self.on_push: Callable[[dict[str, Any]], None] = lambda message: None
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuses: list[Exception] = []
        self.tells: dict[str, Any] = {"kind": "kept", "position": 5}
        self.gateway = Gateway(self.channel, self.config, self, engine, lambda: self.now,
                               lambda: NOW.timestamp() + self.now - 1000)
        self.outbox = Outbox(self.gateway, {"anna": "Anna"}, 3600)

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((op, arguments))
        if self.refuses:
            raise self.refuses.pop(0)
        visitor = arguments["visitor"].removeprefix("shop/")
        if op == "chat_say" and self.tells:
            self.gateway.pushed(visitor, {"call": f"call-{visitor}", "key": arguments["key"], **self.tells})
        return {"call": f"call-{visitor}", "began": True, "secret": True, "language": "ru"}

    async def listen(self) -> None:
        """Nothing more than the link's own."""

    async def until_lost(self) -> None:
        """Never lost."""

    def chat(self, visitor: str, *bodies: str, ended: bool = False, key: str = "") -> None:
        """A chat with these messages of the hotline, the visitor's own between them."""
        deliveries.follow(self.engine, f"call-{visitor}", "n1", "http/shop", visitor, NOW)
        with self.engine.begin() as connection:
            connection.execute(insert(Call), {
                **dict.fromkeys(("boot_id", "line", "dialled", "language", "ended_by", "reason", "queue", "operator",
                                 "menu_version", "sip_call_id"), ""),
                "id": f"call-{visitor}", "revision": 1, "node": "n1", "began_at": NOW, "channel": "http",
                "ended_at": NOW - timedelta(seconds=60) if ended else None, "direction": "inbound"})
            for index, body in enumerate(bodies):
                for offset, sender in enumerate(("caller", "hotline")):
                    position = 2 * index + offset
                    connection.execute(insert(Message), {
                        "id": f"call-{visitor}/m{position}", "call_id": f"call-{visitor}", "position": position,
                        "at": NOW, "sender": sender, "audience": "all", "kind": "text",
                        "body": body if sender == "hotline" else "mine", "options": [],
                        "key": f"caller/{key or index}" if sender == "caller" else ""})

    async def looks(self, times: int = 1, after: float = 0.0) -> None:
        for _ in range(times):
            self.now += after
            await self.outbox.look()
            await self.outbox.settled()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(open_database(f"sqlite:///{tmp_path}/h.db"))


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_outbox__in_order_then_the_end_and_nothing_twice(house: House) -> None:
    house.chat("a", "one", "two", "three", ended=True)
    run(house.looks(3))
    assert house.channel.of("a") == ["one", "two", "three", ""]
    assert house.channel.ids == ["call-a/m1", "call-a/m3", "call-a/m5", "call-a/end"]
    assert deliveries.place_of(house.engine, "n1", "http/shop", "a") is None


def test_outbox__what_failed_is_first_again_and_others_go_on(house: House) -> None:
    house.chat("a", "one", "two")
    house.chat("b", "hello")
    house.channel.faults["a"] = [TryLater("answers 500"), TryLater("answers 500")]
    run(house.looks(1))
    assert house.channel.arrived == [("b", "hello")]
    run(house.looks(8, after=2))
    assert house.channel.of("a") == ["one", "two"]


def test_outbox__retry_after_is_kept_to(house: House) -> None:
    house.chat("a", "one")
    house.channel.faults["a"] = [TryLater("answers 429", 30)]
    run(house.looks(5, after=5))
    assert house.channel.arrived == []
    run(house.looks(2, after=10))
    assert house.channel.of("a") == ["one"]


def test_outbox__one_who_hangs_holds_up_nobody(house: House) -> None:
    for visitor in "abcdefghij":
        house.chat(visitor, "hello", "again")
    house.channel.holds = {"a", "b"}

    async def work() -> None:
        running = asyncio.create_task(house.outbox.run())
        for _ in range(2000):
            await asyncio.sleep(0.005)
            if len(house.channel.arrived) == 16:
                break
        assert len(house.channel.arrived) == 16
        house.channel.blocked.set()
        await house.outbox.settled()
        running.cancel()
    run(work())
    assert house.channel.most <= 4
    assert sorted(house.channel.of("a")) == ["again", "hello"]


def test_outbox__an_outage_is_tried_by_one_for_all(house: House) -> None:
    for visitor in "abcdef":
        house.chat(visitor, "hello")
        house.channel.faults[visitor] = [TryLater("can't be reached", whole=True)] * 2
    run(house.looks(1))
    assert house.gateway.standing.reason == "can't be reached"
    before = sum(map(len, house.channel.faults.values()))
    run(house.looks(1, after=0.1))
    assert sum(map(len, house.channel.faults.values())) == before      # nobody tries before it is time
    run(house.looks(1, after=40))
    assert before - sum(map(len, house.channel.faults.values())) <= 1
    run(house.looks(30, after=40))
    assert sorted(house.channel.arrived) == [(visitor, "hello") for visitor in "abcdef"]
    assert house.gateway.standing.reason == ""


def test_outbox__one_poisoned_message_stops_no_channel(house: House) -> None:
    house.chat("a", "poison")
    for visitor in "bcd":
        house.chat(visitor, "hello")
    house.channel.faults["a"] = [TryLater("no answer in time", whole=True)] * 100
    run(house.looks(12, after=20))
    assert sorted(house.channel.arrived) == [(visitor, "hello") for visitor in "bcd"]


def test_outbox__given_up_after_its_time_and_the_next_goes(house: House) -> None:
    house.chat("a", "old", "next")
    house.channel.faults["a"] = [TryLater("answers 500")]
    house.now += 3700
    run(house.looks(1))
    assert house.channel.of("a") == ["next"]


def test_outbox__not_taken_is_left_out(house: House) -> None:
    house.chat("a", "bad", "good")
    house.channel.faults["a"] = [NotTaken("answers 400")]
    run(house.looks(1))
    assert house.channel.of("a") == ["good"]


def test_outbox__gone_ends_the_chat(house: House) -> None:
    house.chat("a", "one", "two")
    house.channel.faults["a"] = [Gone("blocked")]
    run(house.looks(3, after=700))
    assert house.channel.arrived == []
    assert [op for op, _ in house.asked if op == "chat_leave"] == ["chat_leave"]


def test_outbox__a_crash_between_pieces_repeats_none_that_is_marked(house: House) -> None:
    house.chat("a", "one|two|three")
    house.channel.faults["a"] = []
    sent = house.channel.send

    async def dies_after_two(visitor: str, message: Outgoing) -> None:
        await sent(visitor, message)
        if message.body == "two":
            raise asyncio.CancelledError            # the process is gone: it arrived, and nothing is marked
    house.channel.send = dies_after_two             # type: ignore[method-assign]
    run(house.looks(1))
    house.channel.send = sent                       # type: ignore[method-assign]
    again = House(house.engine)
    run(again.looks(1))
    assert (house.channel.of("a"), again.channel.of("a")) == (["one", "two"], ["two", "three"])
    assert house.channel.ids[-1] == again.channel.ids[0] == "call-a/m1.1"      # who looks at ids sees that it is one


def test_outbox__a_bug_of_a_channel_costs_one_visitor_a_while(house: House) -> None:
    house.chat("a", "one")
    house.chat("b", "hello")
    house.channel.faults["a"] = [ZeroDivisionError()]
    run(house.looks(1))
    assert house.channel.of("b") == ["hello"]
    run(house.looks(3, after=10))
    assert house.channel.of("a") == ["one"]


def test_outbox__three_who_get_nothing_are_everybody_and_one_is_not(house: House) -> None:
    for visitor in "abcd":
        house.chat(visitor, "hello")
    house.channel.faults["a"] = [TryLater("answers 500")] * 4
    run(house.looks(1))
    run(house.looks(4, after=30))
    assert house.gateway.standing.reason == ""
    for visitor in "xyz":
        house.chat(visitor, "hello")
        house.channel.faults[visitor] = [TryLater("answers 500")]
    run(house.looks(1))
    assert house.gateway.standing.reason == "answers 500"
    run(house.looks(10, after=40))
    assert house.gateway.standing.reason == ""
    assert {visitor for visitor, _ in house.channel.arrived} == set("abcdxyz")


def test_outbox__at_the_end_what_is_on_its_way_arrives_and_no_more(house: House) -> None:
    house.chat("a", "one", "two")
    house.channel.holds = {"a"}

    async def work() -> None:
        await house.outbox.look()
        while not house.channel.now_sending:
            await asyncio.sleep(0.005)
        asyncio.get_running_loop().call_later(0.05, house.channel.blocked.set)
        await house.outbox.finish()
        await house.outbox.look()
        assert not house.outbox._busy
    run(work())
    assert house.channel.of("a") == ["one"]
    place = deliveries.place_of(house.engine, "n1", "http/shop", "a")
    assert place is not None
    assert place.position == 1


def test_outbox__a_secret_is_said_with_the_message(house: House) -> None:
    house.chat("a", "Your PIN?")
    seen: list[Outgoing] = []

    async def sends(visitor: str, message: Outgoing) -> None:
        seen.append(message)
    house.channel.send = sends                      # type: ignore[method-assign]
    run(house.looks(1))
    assert [(one.secret, one.language) for one in seen] == [(True, "ru")]


def test_came__is_kept_before_it_returns_and_once(house: House) -> None:
    async def work() -> None:
        kept = await house.gateway.came("a", "k1", "hello", name="Мария\n" * 30)
        assert (kept.call, kept.position, kept.again) == ("call-a", 5, False)
        assert house.asked[0] == ("chat_open", {"channel": "http", "visitor": "shop/a", "number": "",
                                                "name": ("Мария" * 30)[:80]})
        assert deliveries.place_of(house.engine, "n1", "http/shop", "a") is not None
    run(work())


def test_came__what_is_in_the_record_is_not_said_again(house: House) -> None:
    house.chat("a", "hello", key="k1", ended=True)

    async def work() -> None:
        kept = await house.gateway.came("a", "k1", "mine")
        assert (kept.call, kept.position, kept.again) == ("call-a", 0, True)
    run(work())
    assert house.asked == []


@pytest.mark.parametrize(("told", "code"), [
    ({"kind": "refused", "reason": "too_many"}, "too_many"), ({"kind": "refused", "reason": "not_kept"}, "not_kept"),
    ({"kind": "refused", "reason": "news to us"}, "refused"), ({"kind": "refused", "reason": "over"}, "over")])
def test_came__a_refusal_is_told(house: House, told: dict[str, Any], code: str) -> None:
    house.tells = told

    async def work() -> None:
        with pytest.raises(Refused) as refused:
            await house.gateway.came("a", "k1", "hello")
        assert refused.value.code == code
    run(work())


def test_came__a_chat_that_ends_meanwhile_is_begun_anew(house: House) -> None:
    async def work() -> None:
        asked = house.call
        refusals = [ControlRefused("no_chat", "over")]

        async def call(op: str, **arguments: Any) -> dict[str, Any]:
            if op == "chat_say" and refusals:
                raise refusals.pop()
            return await asked(op, **arguments)
        house.call = call                           # type: ignore[method-assign]
        assert (await house.gateway.came("a", "k1", "hello")).position == 5
        assert [op for op, _ in house.asked] == ["chat_open", "chat_open", "chat_say"]
    run(work())


def test_came__while_control_is_away_it_is_to_come_again(house: House) -> None:
    house.refuses = [ControlAway("gone")]

    async def work() -> None:
        with pytest.raises(Away):
            await house.gateway.came("a", "k1", "hello")
        assert (await house.gateway.came("a", "k1", "hello")).position == 5
    run(work())


def test_came__one_after_the_other_as_it_came(house: House) -> None:
    async def work() -> None:
        await asyncio.gather(*(house.gateway.came("a", f"k{number}", f"{number}") for number in range(10)))
        assert [said["body"] for op, said in house.asked if op == "chat_say"] == [str(number) for number in range(10)]
    run(work())


def test_standing__waits_grow_to_a_bound_and_end() -> None:
    standing = Standing()
    now, waits = 0.0, []
    for _ in range(12):
        assert standing.fails("away", None, now, now) == (not waits)
        waits.append(standing.until - now)
        now = standing.until
    assert all(0.5 <= wait <= 30 for wait in waits)
    assert waits[-1] >= 15
    assert not standing.may(now - 0.1)
    assert standing.works()
    assert standing.may(0.0)
    assert 0.5 <= backed_off(0, 60, standing.chance) <= 1.0
    assert backed_off(10_000, 60, standing.chance) <= 60


@pytest.mark.parametrize("text", ["", "x" * 4096, "x" * 4097, "слово " * 3000, "😀" * 5000, "a\n" * 5000,
                                  "x" * 4095 + "😀" * 3])
def test_parted__nothing_is_lost_and_everything_fits(text: str) -> None:
    pieces = parted(text)
    assert "".join(pieces) == text
    assert all(units(piece) <= 4096 for piece in pieces)
    assert len(pieces) <= 2 + 2 * units(text) // 4096


def test_buttons__come_back_as_they_went() -> None:
    board = keyboard("0123456789", 7, (("1", "English"), ("#", "x" * 200)))
    assert board is not None
    (first,), (second,) = board["inline_keyboard"]
    assert pressed(first["callback_data"]) == ("01234567", 7, "1")
    assert pressed(second["callback_data"]) == ("01234567", 7, "#")
    assert len(second["text"]) == 64
    for bad in (None, 7, "", "x", "01234567:x:1", "01234567:1:", "0123:1:1", "01234567:²:1"):
        assert pressed(bad) is None
