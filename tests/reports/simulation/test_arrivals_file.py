"""Arrivals of another system, as CSV."""

import pytest

from ivr.base.errors import AdminError
from routing.reports.simulation.arrivals_file import read_arrivals
from routing.reports.simulation.ways import Way

QUEUES = ("cards", "loans")


def test_read__in_the_order_of_time() -> None:
    found = read_arrivals("queue,time,priority\nloans,9:00:01.5,2\n\ncards, 08:30 ,\n", "calls.csv", QUEUES)
    assert list(found.calls) == [(30600.0, Way("cards", "cards")), (32401.5, Way("loans", "loans", priority=2))]


@pytest.mark.parametrize(("text", "words"), [
    ("", "calls.csv:1:1: error: this is no list of arrivals"),
    ("at,queue\n", "the first line names the columns"),
    ("time,queue\n08:00,card\n", "calls.csv:2:1: error: there is no queue `card` (did you mean `cards`?"),
    ("time,queue\n08:00,cards\n24:00,cards\n", "calls.csv:3:1: error: `24:00` is no time of day"),
    ("time,queue\n08:00\n", "there is no queue ``"),
    ("time,queue,priority\n08:00,cards,high\n", "`high` is no priority"),
])
def test_read__a_mistake_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(AdminError) as raised:
        read_arrivals(text, "calls.csv", QUEUES)
    assert words in str(raised.value)
