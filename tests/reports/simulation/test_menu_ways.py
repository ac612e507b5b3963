"""Callers walk the sample's menu by their habits: shares by hand, ends by the interpreter."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ivr.menu.facts import Facts
from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from ivr.menu.testing.lengths import estimated
from routing.reports.simulation.menu_ways import Entrance, Habits, Walked, depends_on, walk_all
from routing.reports.simulation.ways import Way, Ways

BANK = Path(__file__).parent.parent.parent.parent / "menus/bank.yaml"
HOURS = """languages: [en]
start: main
menus:
  main:
    do:
      - switch:
          - when: open(bank)
            do: {queue: cards}
          - otherwise: {say: shut}
      - hangup
prompts:
  shut: {en: We are closed.}
"""


def bank() -> Menu:
    return load_menu(BANK.read_text(), "bank.yaml", None, None)


def walked(habits: Habits, menu: Menu | None = None, facts: Facts | None = None) -> Walked:
    menu = menu or bank()
    return walk_all(menu, estimated(menu), Entrance("100", None, facts or Facts()), habits)


def shares(found: Walked, what: str) -> dict[str, float]:
    totals: defaultdict[str, float] = defaultdict(float)
    for way, weight in found.ways.weighted:
        totals[getattr(way, what)] += weight
    return {name: round(weight, 2) for name, weight in totals.items()}


def test_walk_all__shares_are_the_products_of_the_habits() -> None:
    found = walked({"language": {"1": 3.0, "2": 1.0}, "main": {"1": 1.0, "2": 2.0, "hangup": 1.0},
                    "cards": {"0": 1.0}})
    assert found.share == pytest.approx(1.0)
    assert found.assumed == ()
    assert shares(found, "queue") == {"lost_card": 0.25, "cards": 0.5, "": 0.25}
    assert shares(found, "language") == {"en": 0.75, "ru": 0.25}
    assert shares(found, "ending") == {"queued": 0.75, "abandoned": 0.25}
    by_queue = {way.queue: way.seconds for way, _ in found.ways.weighted if way.language == "en"}
    assert by_queue["cards"] > by_queue["lost_card"] > 10       # one menu more is heard


def test_walk_all__silence_is_what_the_menu_makes_of_it() -> None:
    found = walked({"language": {"1": 1.0}, "main": {"silence": 1.0}})
    assert [(way.queue, way.ending) for way, _ in found.ways.weighted] == [("general", "queued")]
    assert found.ways.weighted[0][0].seconds > 60


def test_walk_all__who_was_served_is_no_abandonment() -> None:
    found = walked({"language": {"1": 1.0}, "main": {"7": 1.0}, "branches": {"1": 1.0, "3": 1.0}})
    assert shares(found, "ending") == {"self_served": 0.5, "transferred": 0.5}


def test_walk_all__circles_end_where_too_few_are_left() -> None:
    found = walked({"language": {"1": 1.0}, "main": {"*": 1.0, "0": 1.0}})
    assert 0.997 < found.share < 1
    assert shares(found, "queue") == {"general": 1.0}


def test_walk_all__nobody_ever_ends() -> None:
    with pytest.raises(ValueError, match=r"bank\.yaml"):
        walked({"language": {"1": 1.0}, "main": {"*": 1.0}})


def test_walk_all__without_habits_every_option_that_leads_on() -> None:
    found = walked({"language": {"1": 1.0}, "cards": {"0": 1.0}})
    assert set(found.assumed) >= {"main", "loans"}
    assert shares(found, "queue")["lost_card"] == pytest.approx(1 / 8, abs=0.015)


def test_walk_all__hours_are_the_menus_own() -> None:
    menu = load_menu(HOURS, "hours.yaml", None, None)
    assert depends_on(menu) == (frozenset(), frozenset({"bank"}))
    begin = datetime(2026, 2, 2, tzinfo=UTC)
    for is_open, endings in ((True, {"queued": 1.0}), (False, {"closed": 1.0})):
        facts = Facts(clock=lambda now: begin + timedelta(seconds=now),
                      opens=lambda schedule, moment, is_open=is_open: is_open)       # type: ignore[misc]
        found = shares(walked({}, menu, facts), "ending")
        assert found == endings or (not is_open and "queued" not in found)


def test_ways__are_drawn_as_often_as_they_are_gone() -> None:
    ways = Ways(((Way("1", "a"), 1.0), (Way("1", "b"), 3.0), (Way("1", "c"), 6.0)))
    draw = ways.drawn_by(Random(1))
    counted = Counter(draw().queue for _ in range(20_000))
    assert [counted[name] / 20_000 for name in "abc"] == pytest.approx([0.1, 0.3, 0.6], abs=0.02)
