"""What is kept of chats, on both databases: the latest state alone, through the spool too, and whose calls go on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from ivr.call.record import OVER, Batch, ChatStateRow, MessageRow, Outcome, PersonRow
from routing.requests import deliveries
from routing.requests.chat_states import left_chats
from routing.requests.erasure import Erased, GoesOn, erase_call, erase_caller
from routing.requests.rows import decode_batch, encode_batch
from routing.requests.tables import Delivery
from tests.requests.conftest import Start
from tests.requests.visits import call_row, stored, uuid

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def state_row(number: int, revision: int, state: str) -> ChatStateRow:
    return ChatStateRow(call_id=uuid(f"call {number}"), revision=revision, version=1, at=AT, state=state)


def message_row(number: int, position: int, key: str = "") -> MessageRow:
    return MessageRow(id=f"{number}/m{position}", call_id=uuid(f"call {number}"), position=position, at=AT,
                      sender="caller", body="hello", key=key)


def chat(number: int, *states: ChatStateRow, **changed: object) -> Batch:
    messages = tuple(message_row(number, position, key) for position, key in enumerate(("", "caller/a", "anna/b")))
    return Batch((call_row(number, **{"boot_id": "old", "channel": "web", **changed}),), chat_states=states,
                 messages=messages)


def test_left__chats_without_an_end_of_earlier_runs_of_this_node(engine: Engine, start: Start) -> None:
    writer, _ = start(engine)
    for batch in (chat(2, state_row(2, 1, "first")), Batch(chat_states=(state_row(2, 3, "third"),)),
                  Batch(chat_states=(state_row(2, 2, "second"),)), chat(1, state_row(1, 1, "one")),
                  chat(3, state_row(3, 1, "over"), outcome=Outcome.CLOSED), chat(4, state_row(4, 1, "")),
                  chat(5, state_row(5, 1, "mine"), boot_id="new"), chat(6, state_row(6, 1, "other"), node="b"),
                  chat(7)):
        writer.submit(batch)
    assert writer.close()
    found = left_chats(engine, "a", "new")
    assert [(one.call, one.version, one.state) for one in found] == [
        (uuid("call 2"), 1, "third"), (uuid("call 1"), 1, "one")]       # who began last first
    assert dict(found[0].keys) == {"caller/a": 1, "anna/b": 2}
    assert list(found[0].keys) == ["caller/a", "anna/b"]
    assert found[0].last == 2


def test_state__goes_through_the_spool() -> None:
    batch = chat(1, state_row(1, 7, "sealed"))
    assert decode_batch(encode_batch(batch)) == batch


def test_orphans__but_those_that_go_on(monkeypatch: pytest.MonkeyPatch, engine: Engine, start: Start) -> None:
    monkeypatch.setattr("routing.requests.store.ORPHANS_AT_ONCE", 2)
    writer, _ = start(engine)
    for number in range(1, 9):
        writer.submit(chat(number, state_row(number, 1, "a state")))
    assert writer.close()
    writer, notices = start(engine)
    on = frozenset(uuid(f"call {number}") for number in (1, 4, 5, 8))
    writer.close_orphans("a", "new", AT, but=on)
    writer.submit(Batch((call_row(9, boot_id="new"),)), "later")
    notices.wait("later")
    assert writer.close()
    rows = stored(engine)
    assert {row.id for row in rows["calls"] if row.outcome is None} == {*on, uuid("call 9")}       # type: ignore[attr-defined]
    assert {row.call_id for row in rows["chat_states"] if row.state} == on                          # type: ignore[attr-defined]
    assert sorted(row.call_id for row in rows["entries"] if row.kind == "ended") == sorted(         # type: ignore[attr-defined]
        uuid(f"call {number}") for number in range(1, 9) if uuid(f"call {number}") not in on)


# --- erased -----------------------------------------------------------------------------------------------------------
def test_erase__a_chat_that_goes_on_is_refused_and_nothing_of_it_is_touched(engine: Engine, start: Start) -> None:
    writer, _ = start(engine)
    person = PersonRow(uuid("call 1"), "+7", "Maria")
    writer.submit(replace(chat(1, state_row(1, 1, "sealed")), people=(person,)))
    assert writer.close()
    for erase in (lambda: erase_call(engine, uuid("call 1"), AT, lambda recording: True),
                  lambda: erase_caller(engine, ["+7"], AT, lambda recording: True)):
        with pytest.raises(GoesOn) as refused:
            erase()
        assert refused.value.calls == (uuid("call 1"),)
    rows = stored(engine)
    assert [row.state for row in rows["chat_states"]] == ["sealed"]         # type: ignore[attr-defined]
    assert {row.body for row in rows["messages"]} == {"hello"}              # type: ignore[attr-defined]
    assert [row.caller_name for row in rows["people"]] == ["Maria"]         # type: ignore[attr-defined]


def test_erase__no_state_is_left_nor_comes_back_late(engine: Engine, start: Start) -> None:
    """Its end was written and its last state was not; another state of it waits in the spool."""
    writer, _ = start(engine)
    whole = replace(chat(1, state_row(1, 1, "sealed"), outcome=Outcome.CLOSED),
                    people=(PersonRow(uuid("call 1"), None, "Maria"),))
    writer.submit(whole)
    writer.submit(chat(2, state_row(2, 1, "another's")))
    assert writer.close()
    assert erase_call(engine, uuid("call 1"), AT, lambda recording: True) == Erased(1, 0, 0)
    assert {row.state for row in stored(engine)["chat_states"]} == {"", "another's"}        # type: ignore[attr-defined]
    writer, _ = start(engine)
    writer.submit(Batch(chat_states=(state_row(1, 9, "late"), state_row(2, 2, "newer"))))
    assert writer.close()
    assert {row.state for row in stored(engine)["chat_states"]} == {"", "newer"}            # type: ignore[attr-defined]


# --- over, though its last rows were refused --------------------------------------------------------------------------
def ending(fault: object) -> Batch:
    """The last batch of a chat, whose call can't be written."""
    over = call_row(1, 2, boot_id="old", channel="web", outcome=Outcome.CLOSED, ended_at=AT, talk_time=fault)
    return Batch((over,), chat_states=(state_row(1, OVER, ""),))


@pytest.mark.parametrize("spooled", [False, True])
def test_left__none_that_is_over_though_its_call_was_refused(engine: Engine, start: Start,
                                                             spooled: bool) -> None:
    """By the database, or as nothing that can be written into the spool: the rest of the batch is kept."""
    writer, _ = start(engine)
    writer.submit(chat(1, state_row(1, 1, "sealed")), "began")
    assert writer.close()
    assert len(left_chats(engine, "a", "new")) == 1
    writer, notices = start(engine)
    if spooled:
        with writer._lock:
            writer._ledger.late, writer._ledger.backlog = True, True
    writer.submit(ending(object()), "over")
    notices.wait("over")
    assert writer.close()
    if spooled:
        writer, _ = start(engine)
        assert writer.close()
    assert left_chats(engine, "a", "new") == []
    assert {row.state for row in stored(engine)["chat_states"]} == {""}         # type: ignore[attr-defined]


# --- erased: what goes on ---------------------------------------------------------------------------------------------
def test_erase__one_chat_that_goes_on_and_nothing_of_the_others_is_erased(monkeypatch: pytest.MonkeyPatch,
                                                                          engine: Engine, start: Start) -> None:
    """Whichever part of them it would come in, and however its number is known."""
    monkeypatch.setattr("routing.requests.erasure.AT_ONCE", 1)
    writer, _ = start(engine)
    for number in (1, 2):
        writer.submit(replace(chat(number, outcome=Outcome.CLOSED, ended_at=AT),
                              people=(PersonRow(uuid(f"call {number}"), "+7900", "Maria"),)))
    writer.submit(Batch(chat(3).calls, (PersonRow(uuid("call 3"), None, "Maria"),), messages=(
        replace(message_row(3, 0), body="+7 900"),)))
    assert writer.close()
    with pytest.raises(GoesOn) as refused:
        erase_caller(engine, ["+7900"], AT, lambda recording: True)
    assert refused.value.calls == (uuid("call 3"),)
    assert {row.caller_name for row in stored(engine)["people"]} == {"Maria"}         # type: ignore[attr-defined]


@pytest.mark.parametrize(("here", "hours", "over"), [("b", 25, True), ("b", 23, False), ("a", 25, False)])
def test_erase__a_chat_that_a_node_which_is_gone_left(engine: Engine, start: Start, here: str, hours: int,
                                                      over: bool) -> None:
    """Nobody ends it; who runs its own node can. Its visitor is nobody in a messenger then, either."""
    writer, _ = start(engine)
    person = PersonRow(uuid("call 1"), "+7", "Maria")
    writer.submit(replace(chat(1, state_row(1, 1, "sealed")), people=(person,)))
    assert writer.close()
    deliveries.follow(engine, uuid("call 1"), "a", "telegram", "11", AT)
    now = AT + timedelta(hours=hours)
    if not over:
        with pytest.raises(GoesOn):
            erase_caller(engine, ["+7"], now, lambda recording: True, here)
        return
    assert erase_caller(engine, ["+7"], now, lambda recording: True, here) == Erased(1, 0, 0)
    rows = stored(engine)
    assert {row.state for row in rows["chat_states"]} == {""}               # type: ignore[attr-defined]
    assert {row.body for row in rows["messages"]} == {None}                 # type: ignore[attr-defined]
    with engine.connect() as connection:
        assert connection.execute(select(Delivery.visitor, Delivery.closed_at)).one() == ("", now)
