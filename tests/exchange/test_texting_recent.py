"""The last messages of a chat that are safe, for pages that come while the database is behind."""

from datetime import UTC, datetime

from ivr.call.record import MessageRow
from ivr.exchange.texting.recent import MOST, Recent
from tests.exchange.test_texting_seats import Floor


def row(position: int) -> MessageRow:
    return MessageRow(id=f"c/m{position}", call_id="c", position=position, at=datetime(2026, 1, 1, tzinfo=UTC),
                      sender="caller", body=str(position))


def positions(recent: Recent, after: int) -> list[int]:
    return [one.position for one in recent.behind(after)]


def test_recent__all_behind_a_position_or_nothing() -> None:
    recent = Recent()
    assert (positions(recent, -1), recent.last) == ([], -1)
    for position in range(MOST):
        recent.add(row(position))
    assert positions(recent, -1) == list(range(MOST))
    recent.add(row(MOST))
    assert positions(recent, -1) == [], "the first one is not here any more"
    assert positions(recent, 0) == list(range(1, MOST + 1))
    assert (positions(recent, MOST), recent.last) == ([], MOST)


def test_recent__of_a_chat_that_went_on_after_a_restart_knows_nothing_before() -> None:
    recent = Recent()
    recent.add(row(40))
    assert (positions(recent, 39), positions(recent, 38)) == ([40], [])


def test_recent__has_what_is_safe_and_nothing_else() -> None:
    floor = Floor()
    floor.anna.answers()
    visitor = floor.visitor()
    (opened,) = floor.story.hotline.exchange.house.calls.values()
    assert opened.talk is not None
    visitor.say("hello")
    told = [fields["position"] for fields in visitor.kinds("message")] + [
        fields["position"] for fields in visitor.kinds("kept")]
    assert positions(opened.talk.recent, -1) == sorted(told) != []
    floor.over()
