"""Which batch goes where, in virtual time."""

from datetime import UTC, datetime

import pytest

from ivr.call.record import OVER, Batch, ChatStateRow
from routing.requests import ledger as module
from routing.requests.ledger import Accepted, DatabaseAway, Durable, Ledger, SpoolFilled
from tests.requests.visits import visit

BATCH = visit(1)[0]


def filled(*tokens: str | None, at: float = 10.0) -> Ledger:
    ledger = Ledger()
    for token in tokens:
        ledger.submit(BATCH, token, at)
    return ledger


def tokens(items: list[module.Item]) -> list[str | None]:
    return [item.token for item in items]


def test_ledger__everything_that_came_meanwhile_goes_in_the_next_group() -> None:
    ledger = filled("a")
    ledger.asked(10.0)
    assert tokens(ledger.take_group()) == ["a"]
    ledger.submit(BATCH, "b", 10.01)
    ledger.submit(BATCH, None, 10.02)
    ledger.submit(BATCH, "c", 10.03)
    assert ledger.next_try_at() is None
    assert ledger.answered() == [Durable("a")]
    assert ledger.next_try_at() == 10.0 + module.PACE
    assert tokens(ledger.take_group()) == ["b", None, "c"]
    assert ledger.answered() == [Durable("b"), Durable("c")]
    assert ledger.next_try_at() is None
    assert ledger.next_spool_at() is None


def test_ledger__group_is_bounded() -> None:
    ledger = filled(*[None] * (module.GROUP + 1))
    assert len(ledger.take_group()) == module.GROUP


def test_ledger__no_answer_for_200_ms() -> None:
    ledger = filled("a")
    ledger.asked(10.0)
    ledger.take_group()
    ledger.submit(BATCH, "b", 10.1)
    assert ledger.next_spool_at() == 10.2
    assert ledger.take_for_spool(10.19) == []
    assert tokens(ledger.take_for_spool(10.2)) == ["a", "b"]
    assert ledger.spooled() == [Durable("a"), Durable("b")]
    # The database answers at last: nothing is told twice, and the spool comes before anything newer.
    ledger.submit(BATCH, "c", 10.3)
    assert ledger.answered() == []
    assert ledger.take_group() == []
    assert ledger.backlog
    ledger.caught_up()
    assert tokens(ledger.take_group()) == ["c"]


def test_ledger__while_late_batches_are_spooled_at_once() -> None:
    ledger = filled("a")
    ledger.asked(10.0)
    ledger.take_group()
    assert ledger.failed("gone", 10.05) == [DatabaseAway(True, "gone")]
    assert ledger.next_spool_at() == 10.0
    assert tokens(ledger.take_for_spool(10.05)) == ["a"]
    ledger.submit(BATCH, "b", 10.06)
    assert ledger.next_spool_at() is None or ledger.next_spool_at() > 10.06    # one append at a time
    ledger.spooled()
    assert ledger.next_spool_at() == 10.06


def test_ledger__answered_while_the_same_is_being_spooled() -> None:
    ledger = filled("a", "b")
    ledger.asked(10.0)
    ledger.take_group()
    assert tokens(ledger.take_for_spool(10.2)) == ["a", "b"]
    ledger.submit(BATCH, "c", 10.25)
    assert ledger.answered() == [Durable("a"), Durable("b")]
    assert ledger.take_group() == []          # what is on its way into the spool is older than c
    assert ledger.next_try_at() is None
    assert ledger.spooled() == []
    assert ledger.next_try_at() == 0.0
    assert ledger.backlog


def test_ledger__pauses_grow_and_end_with_an_answer() -> None:
    ledger = filled("a")
    pauses = []
    for _ in range(6):
        ledger.asked(10.0)
        ledger.failed("gone", 10.0)
        pauses.append(ledger.next_try_at() - 10.0)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    ledger.asked(15.0)
    ledger.take_group()
    assert ledger.answered() == [Durable("a"), DatabaseAway(False)]
    ledger.submit(BATCH, "b", 15.0)
    assert ledger.next_try_at() == 15.0 + module.PACE


def test_ledger__a_batch_that_nobody_waits_for_gathers_company() -> None:
    ledger = Ledger()
    ledger.submit(BATCH, None, 10.0)
    ledger.submit(BATCH, None, 10.04)
    assert ledger.next_try_at() == 10.0 + module.GATHER
    ledger.submit(BATCH, "a", 10.045)          # a caller waits for this one, and the others go with it
    assert ledger.next_try_at() == 0.0
    ledger.asked(10.045)
    assert len(ledger.take_group()) == 3
    ledger.answered()
    ledger.submit(BATCH, None, 10.05)
    assert ledger.next_try_at() == 10.05 + module.GATHER


def test_ledger__away_is_told_once() -> None:
    ledger = filled("a")
    ledger.asked(10.0)
    ledger.take_group()
    assert ledger.hung(10.0 + module.HUNG_AFTER - 0.01) == []
    assert ledger.hung(10.0 + module.HUNG_AFTER) == [DatabaseAway(True, "no answer for 2.0 s")]
    assert ledger.hung(20.0) == []
    assert ledger.failed("gone", 20.0) == []
    ledger.asked(21.0)
    assert ledger.answered() == [DatabaseAway(False)]


def test_ledger__half_of_it_finds_room_in_the_spool() -> None:
    ledger = filled("a", "b", "c", "d", "e")
    ledger.asked(10.0)
    ledger.failed("gone", 10.0)
    ledger.take_for_spool(10.0)
    assert ledger.not_spooled(10.0)
    assert tokens(ledger.take_for_spool(10.0)) == ["a", "b"]
    assert ledger.spooled() == [Durable("a"), Durable("b")]
    assert tokens(ledger.take_for_spool(10.0)) == ["c", "d", "e"], "all that is left tries again"


def test_ledger__spool_refuses_and_the_database_comes_back() -> None:
    ledger = filled("a", "b")
    ledger.asked(10.0)
    ledger.failed("gone", 10.0)
    assert tokens(ledger.take_for_spool(10.0)) == ["a", "b"]
    assert ledger.not_spooled(10.0)
    assert tokens(ledger.take_for_spool(10.0)) == ["a"]
    assert not ledger.not_spooled(10.0)
    assert ledger.spool_is(True, 10.0) == [SpoolFilled(True)]
    assert ledger.submit(BATCH, "c", 10.1) is Accepted.RESERVE
    assert ledger.take_for_spool(10.9) == []
    assert ledger.next_spool_at() == 11.0
    ledger.asked(10.5)
    assert tokens(ledger.take_group()) == ["a", "b", "c"]
    assert ledger.answered() == [Durable("a"), Durable("b"), Durable("c"), DatabaseAway(False)]
    assert ledger.spool_is(False, 11.0) == [SpoolFilled(False)]
    assert ledger.submit(BATCH, "d", 11.0) is Accepted.TAKEN


def test_ledger__bound_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 12)     # a batch has three rows
    ledger = Ledger()
    taken = [ledger.submit(BATCH, str(number), 10.0) for number in range(5)]
    assert taken == [Accepted.TAKEN] * 3 + [Accepted.RESERVE, Accepted.REFUSED]
    assert ledger.crowded
    ledger.take_group()
    assert ledger.answered() == [Durable(str(number)) for number in range(4)]
    assert not ledger.crowded
    assert ledger.submit(Batch(entries=BATCH.entries * 20), None, 10.0) is Accepted.RESERVE    # one is always taken


def test_ledger__the_end_of_a_chat_is_taken_beyond_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what else its batch has; a state of one that goes on is refused with its batch, be it that it could not
    be kept, as then every turn of such a chat would come on top."""
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    ledger, entries = Ledger(), BATCH.entries * 5
    states = [ChatStateRow(call_id=call, revision=revision, version=1, at=datetime(2026, 3, 2, tzinfo=UTC), state=state)
              for call, revision, state in (("on", 2, "sealed"), ("unkept", 3, ""), ("over", OVER, ""))]
    ledger.submit(BATCH, "first", 10.0)
    for state in states:
        late = Batch(BATCH.calls, entries=entries, chat_states=(state,))
        assert ledger.submit(late, "late", 10.0) is Accepted.REFUSED
    group = ledger.take_group()
    assert [item.batch for item in group] == [BATCH, Batch(BATCH.calls, chat_states=(states[-1],))]
    assert ledger.answered() == [Durable("first")]
    assert not ledger.crowded


def test_ledger__a_steady_stream_leaves_the_spool() -> None:
    ledger = Ledger(backlog=True)
    ledger.submit(BATCH, "a", 10.0)
    assert tokens(ledger.take_for_spool(10.0)) == ["a"]
    ledger.submit(BATCH, "b", 10.01)
    ledger.asked(10.0)
    ledger.answered()
    ledger.caught_up()               # all that was readable is written, a is on its way
    assert ledger.take_group() == []
    ledger.spooled()
    assert ledger.take_for_spool(10.02) == []      # b waits for the database
    ledger.asked(10.02)
    assert ledger.take_group() == []
    ledger.answered()
    ledger.caught_up()
    assert tokens(ledger.take_group()) == ["b"]


def test_ledger__orphans_after_the_backlog_before_the_next_group() -> None:
    ledger = Ledger(backlog=True)
    ledger.orphans = True
    ledger.submit(BATCH, "a", 10.0)
    assert ledger.next_try_at() == 0.0
    ledger.caught_up()
    assert ledger.take_group() == []
    ledger.orphans = False
    assert tokens(ledger.take_group()) == ["a"]
