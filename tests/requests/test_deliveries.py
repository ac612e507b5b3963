"""How far chats are told, in both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select

from routing.requests import deliveries
from routing.requests.erasure import GoesOn, erase_call
from routing.requests.tables import Call, Delivery, Message

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
TELEGRAM = ("n1", "telegram")
EMPTY = dict.fromkeys(("boot_id", "line", "dialled", "language", "ended_by", "reason", "queue", "operator",
                       "menu_version", "sip_call_id"), "")


def chat(engine: Engine, call: str, visitor: str, *messages: tuple[str, str, str], at: datetime = NOW,
         ended: datetime | None = None) -> None:
    """`messages`: sender, audience, body; positions as they stand."""
    with engine.begin() as connection:
        connection.execute(insert(Call), {**EMPTY, "id": call, "revision": 1, "node": "n1", "began_at": at,
                                          "ended_at": ended, "channel": "telegram", "direction": "inbound"})
        for position, (sender, audience, body) in enumerate(messages):
            connection.execute(insert(Message), {
                "id": f"{call}/m{position}", "call_id": call, "position": position, "at": at, "sender": sender,
                "audience": audience, "kind": "text", "body": body, "options": [["1", "One"]],
                "key": f"caller/k{position}" if sender == "caller" else ""})
    for _ in range(2):                          # once more is nothing more
        deliveries.follow(engine, call, *TELEGRAM, visitor, at)


def waits(engine: Engine, now: datetime = LATER) -> list[str]:
    return deliveries.waiting(engine, *TELEGRAM, now, now - timedelta(seconds=1), 10)


def test_deliveries__what_visitors_are_told_and_no_more(engine: Engine) -> None:
    chat(engine, "c1", "11", ("caller", "all", "hello"), ("anna", "staff", "a note"), ("hotline", "all", "yes?"))
    chat(engine, "c2", "22", ("caller", "all", "only mine"))
    assert waits(engine) == ["11"]
    assert waits(engine, NOW - timedelta(seconds=1)) == []
    assert deliveries.counts(engine, *TELEGRAM) == (2, 1)
    place = deliveries.place_of(engine, *TELEGRAM, "11")
    assert place is not None
    assert (place.call, place.position, place.piece, place.next_at) == ("c1", -1, 0, NOW)
    message = deliveries.next_message(engine, "c1", place.position)
    assert message is not None
    assert (message.position, message.body, message.options) == (2, "yes?", [["1", "One"]])
    deliveries.arrived(engine, "c1", -1, 1)
    assert waits(engine) == ["11"]
    deliveries.arrived(engine, "c1", 2)
    assert waits(engine) == []
    assert deliveries.next_message(engine, "c1", 2) is None


def test_deliveries__the_end_is_told_last_and_earlier_chats_first(engine: Engine) -> None:
    chat(engine, "c2", "11", ("hotline", "all", "second"), at=NOW + timedelta(minutes=1))
    chat(engine, "c1", "11", ("hotline", "all", "first"), ended=NOW)
    assert waits(engine) == ["11"]
    first = deliveries.place_of(engine, *TELEGRAM, "11")
    assert first is not None
    assert first.call == "c1"
    assert deliveries.is_over(engine, "c1", NOW)
    assert not deliveries.is_over(engine, "c1", NOW - timedelta(seconds=1))
    assert not deliveries.is_over(engine, "c2", LATER)
    deliveries.close(engine, "c1", NOW)
    second = deliveries.place_of(engine, *TELEGRAM, "11")
    assert second is not None
    assert second.call == "c2"


def test_deliveries__put_off_until_its_time_and_other_nodes_alone(engine: Engine) -> None:
    chat(engine, "c1", "11", ("hotline", "all", "x"))
    deliveries.put_off(engine, "c1", 3, NOW + timedelta(minutes=5), "answers 500")
    assert waits(engine) == []
    assert waits(engine, NOW + timedelta(minutes=5)) == ["11"]
    assert deliveries.waiting(engine, "n2", "telegram", NOW + timedelta(hours=1), NOW, 10) == []
    assert deliveries.waiting(engine, "n1", "http/shop", NOW + timedelta(hours=1), NOW, 10) == []


def test_deliveries__a_message_that_came_before_is_known_by_its_key(engine: Engine) -> None:
    chat(engine, "c1", "11", ("caller", "all", "hello"), ended=NOW)
    deliveries.close(engine, "c1", NOW)
    assert deliveries.came_before(engine, "telegram", "11", "k0") == ("c1", 0, "hello")
    assert deliveries.came_before(engine, "telegram", "11", "k1") is None
    assert deliveries.came_before(engine, "telegram", "22", "k0") is None
    assert deliveries.came_before(engine, "http/shop", "11", "k0") is None


def test_deliveries__are_forgotten_when_they_are_over_or_very_old(engine: Engine) -> None:
    chat(engine, "c1", "11", ("hotline", "all", "x"))
    chat(engine, "c2", "22", ("hotline", "all", "x"))
    chat(engine, "c3", "33", ("hotline", "all", "x"), at=NOW - timedelta(days=40))
    deliveries.close(engine, "c1", NOW, "blocked")
    assert deliveries.forget(engine, NOW, NOW - timedelta(days=30)) == 1
    assert deliveries.forget(engine, LATER, NOW - timedelta(days=30)) == 1
    assert waits(engine) == ["22"]


def test_deliveries__who_is_erased_is_nobody_in_a_messenger(engine: Engine) -> None:
    """One closed, one ended and not told to its end, and one that goes on."""
    for call, ended in (("c1", NOW), ("c2", NOW), ("c3", None)):
        chat(engine, call, "11", ("hotline", "all", "x"), ended=ended)
    deliveries.close(engine, "c1", NOW)
    for call in ("c1", "c2"):
        assert erase_call(engine, call, LATER, lambda recording: True).calls == 1
    with pytest.raises(GoesOn):
        erase_call(engine, "c3", LATER, lambda recording: True)
    with engine.connect() as connection:
        rows = connection.execute(select(Delivery.visitor, Delivery.closed_at).order_by(Delivery.call_id)).all()
    assert [tuple(row) for row in rows] == [("", NOW), ("", LATER), ("11", None)]
    assert waits(engine) == ["11"]
