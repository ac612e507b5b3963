"""One visit read off its entries: cases that a day of calls does not have."""

from datetime import UTC, datetime, timedelta
from typing import Any

from routing.reports.facts import Step, Visit, read

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def told(*entries: tuple[float, str, dict[str, Any]]) -> Visit:
    steps = [Step(position, BEGAN + timedelta(seconds=at), kind, details)
             for position, (at, kind, details) in enumerate(entries)]
    return read(Visit("one", "100", "en", BEGAN, "answered"), steps)


def test_facts__several_phones_ring_and_one_answers() -> None:
    visit = told((0, "queued", {"queue": "cards"}), (1, "operator_offered", {"operator": "anna"}),
                 (1, "operator_offered", {"operator": "boris"}), (1, "operator_offered", {"operator": "vera"}),
                 (4, "offer_failed", {"operator": "anna", "reason": "busy"}),
                 (5, "offer_failed", {"operator": "vera", "reason": "answered_elsewhere"}),
                 (5, "bridged", {"operator": "boris"}), (9, "ended", {"by": "caller", "outcome": "answered"}))
    assert [(offer.operator, offer.missed) for offer in visit.offers] == [
        ("anna", True), ("boris", False), ("vera", False)]
    assert [(stay.ending, stay.operator, stay.wait) for stay in visit.stays] == [("answered", "boris", 5.0)]


def test_facts__held_by_the_caller_is_talk_and_by_the_operator_hold() -> None:
    visit = told((0, "queued", {"queue": "cards"}), (2, "bridged", {"operator": "anna"}),
                 (10, "held", {"by": "caller"}), (20, "resumed", {"by": "caller"}),
                 (30, "held", {"by": "anna"}), (45, "resumed", {"by": "anna"}),
                 (50, "ended", {"by": "operator", "outcome": "answered"}))
    assert [(talk.talk, talk.hold) for talk in visit.talks] == [(33.0, 15.0)]


def test_facts__a_transfer_to_the_outside_ends_the_talk() -> None:
    visit = told((0, "queued", {"queue": "cards"}), (2, "bridged", {"operator": "anna"}),
                 (12, "transfer_requested", {"by": "anna", "to": "branch"}), (20, "bridged", {"target": "branch"}),
                 (90, "ended", {"by": "caller", "outcome": "answered"}))
    assert [(talk.operator, talk.talk) for talk in visit.talks] == [("anna", 10.0)]
    assert [stay.ending for stay in visit.stays] == ["answered"]


def test_facts__details_that_another_version_wrote_otherwise() -> None:
    visit = told((0, "queued", {"queue": 7}), (1, "operator_offered", {}), (2, "offer_failed", {"operator": "zoe"}),
                 (3, "ended", {}))
    assert [(stay.queue, stay.ending) for stay in visit.stays] == [("7", "failed")]
    assert visit.endings == [""]


def test_facts__what_the_queue_counts_goes_before_what_the_call_saw() -> None:
    """An offer that failed before any phone rang; and one that its end was written behind."""
    offers = [["anna", "unreachable", 2, 0.0], ["boris", "no_answer", 1, 20.0], ["boris", "answered", 1, 3.0]]
    visit = told((0, "queued", {"queue": "cards"}), (1, "operator_offered", {"operator": "boris"}),
                 (9, "stay_ended", {"queue": "cards", "ending": "answered", "operator": "boris", "offers": offers}),
                 (9, "bridged", {"operator": "boris"}),
                 (20, "queued", {"queue": "loans"}), (21, "operator_offered", {"operator": "vera"}),
                 (25, "ended", {"by": "caller", "outcome": "answered"}),
                 (25, "stay_ended", {"queue": "loans", "ending": "abandoned",
                                     "offers": [["vera", "caller_left", 1, 4.0], "odd", ["x", "y", "z", 1]]}))
    assert [(offer.operator, offer.queue, offer.failed, offer.missed) for offer in visit.offers] == [
        ("anna", "cards", "unreachable", True), ("anna", "cards", "unreachable", True),
        ("boris", "cards", "no_answer", True), ("boris", "cards", "", False),
        ("vera", "loans", "caller_left", False)]
    assert [(stay.queue, stay.ending, stay.operator) for stay in visit.stays] == [
        ("cards", "answered", "boris"), ("loans", "abandoned", "")]
