"""Traffic files: what they say, and every mistake with its place."""

import math
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.menu.loader import load_menu
from routing.reports.simulation.distributions import INFINITE, Distribution, exponential, fixed, lognormal
from routing.reports.simulation.traffic import Group, LineTraffic, Traffic
from routing.reports.simulation.traffic_file import Names, default_traffic, load_traffic

BANK = Path(__file__).parent.parent.parent.parent / "menus/bank.yaml"
NAMES = Names({"100": load_menu(BANK.read_text(), "bank.yaml", None, None)}, frozenset({"cards", "loans"}),
              ("anna", "boris"))
WHOLE = """day: 08:00-20:00
date: 2026-03-08
threshold_s: 30
lines:
  "100":
    calls_per_hour: {"08:00": 120, "10:30": 300}
    keys:
      main: {"2": 60, hangup: 5, silence: 2.5}
queues:
  cards:
    calls_per_hour: 36
    handle_s: {mean: 170, shape: lognormal, cv: 1.5}
  loans: {patience_s: never, call_again: {share: 0.25, after_s: {mean: 60, shape: fixed}}}
every_queue:
  handle_s: 180
  patience_s: 240
operators: {answer_s: 4, missed_share: 0.02}
roster:
  - {name: day, operators: [anna, boris], hours: [08:00-12:00, 13:00-17:00], breaks: 10:00-10:15}
  - {name: night, count: 2, queues: [cards, loans], hours: 20:00-06:00 next day}
"""


def loaded(text: str, recorded: bool = False) -> Traffic:
    return load_traffic(text, "traffic.yaml", NAMES, recorded)


def test_load__everything() -> None:
    found = loaded(WHOLE)
    assert (found.day, found.date.isoformat(), found.threshold) == ((28800.0, 72000.0), "2026-03-08", 30.0)
    assert found.lines == (LineTraffic("100", ((28800.0, 120 / 3600), (37800.0, 300 / 3600)),
                                       {"main": {"2": 60.0, "hangup": 5.0, "silence": 2.5}}),)
    cards, loans = found.behaviour("cards"), found.behaviour("loans")
    assert (cards.handle, cards.patience, cards.rates) == (lognormal(170, 1.5), exponential(240), ((28800.0, 0.01),))
    assert (loans.handle, loans.patience, loans.retry_share, loans.retry_after) == (
        exponential(180), INFINITE, 0.25, fixed(60))
    assert (found.answer, found.missed_share) == (exponential(4), 0.02)
    assert found.groups == (
        Group("day", ("anna", "boris"), ((28800.0, 43200.0), (46800.0, 61200.0)), ((36000.0, 36900.0),)),
        Group("night", (), ((72000.0, 108000.0),), (), 2, ("cards", "loans")))
    assert found.groups[1].names == ("night-1", "night-2")


def test_load__what_is_left_out_has_defaults() -> None:
    found = loaded("queues: {cards: {calls_per_hour: 10}}\nevery_queue: {handle_s: 100}\n")
    assert found.day == (0.0, 86400.0)
    assert found.groups == (Group("all", ("anna", "boris"), ((0.0, math.inf),)),)
    assert found.behaviour("loans").patience is INFINITE
    assert found.answer == fixed(0.0)


def test_load__recorded_traffic_needs_no_arrivals_and_no_times() -> None:
    assert loaded("threshold_s: 10\n", recorded=True).threshold == 10
    assert default_traffic(NAMES).groups[0].names == ("anna", "boris")


def test_load__the_example_of_the_docs() -> None:
    text = (BANK.parent.parent / "docs/simulate.md").read_text().partition("```yaml\n")[2].partition("```")[0]
    assert (BANK.parent.parent / "docs/traffic.yaml").read_text().partition("\n")[2] == text
    found = loaded(text)
    assert [group.name for group in found.groups] == ["day", "help"]
    assert found.lines[0].habits["main"]["silence"] == 2


ENOUGH = "queues: {cards: {calls_per_hour: 10}}\nevery_queue: {handle_s: 100}\n"


@pytest.mark.parametrize(("text", "place", "words"), [
    ("treshold_s: 20\n" + ENOUGH, "1:1", "did you mean `threshold_s`?"),
    ("lines: {\"10\": {calls_per_hour: 1}}\n" + ENOUGH, "1:9", "there is no line `10`"),
    ("queues: {card: {calls_per_hour: 1}}\nevery_queue: {handle_s: 1}", "1:10", "did you mean `cards`?"),
    ('lines: {"100": {keys: {main: {"2": 1}}}}\n' + ENOUGH, "1:16", "lacks `calls_per_hour`"),
    ('lines: {"100": {calls_per_hour: 1, keys: {mian: {"2": 1}}}}\n' + ENOUGH, "1:43", "did you mean `main`?"),
    ('lines: {"100": {calls_per_hour: 1, keys: {main: {"9": 1}}}}\n' + ENOUGH, "1:50", "`9` means nothing in"),
    ('lines: {"100": {calls_per_hour: 1, keys: {main: {"2": 0}}}}\n' + ENOUGH, "1:49", "nobody does anything"),
    ('lines: {"100": {calls_per_hour: {"25:00": 1}}}\n' + ENOUGH, "1:34", "`25:00` is no time of day"),
    ('lines: {"100": {calls_per_hour: {"9:00": 1, "8:00": 1}}}\n' + ENOUGH, "1:33", "go back"),
    ("every_queue: {handle_s: 100}\n", "1:1", "nobody calls"),
    ("queues: {cards: {calls_per_hour: 1, handle_s: 5}}\n", "1:1", "how long calls of loans take"),
    ("every_queue: {handle_s: fast}\n", "1:25", "`handle_s` must be a number"),
    ("every_queue: {handle_s: {mean: 5, cv: 2}}\n", "1:39", "`cv` means nothing for the shape exponential"),
    ("every_queue: {handle_s: {mean: 5, shape: gauss}}\n", "1:42", "there is no shape `gauss`"),
    ("day: [08:00-09:00, 10:00-11:00]\n" + ENOUGH, "1:6", "`day` is one span"),
    ("date: 2026-13-01\n" + ENOUGH, "1:7", "is no date"),
    ("roster: [{operators: [anna]}]\n" + ENOUGH, "1:10", "lacks `name`"),
    ("roster: [{name: a, operators: [ana]}]\n" + ENOUGH, "1:32", "did you mean `anna`?"),
    ("roster: [{name: a}]\n" + ENOUGH, "1:10", "nobody is in this group"),
    ("roster: [{name: a, count: 3}]\n" + ENOUGH, "1:10", "belong together"),
    ("roster: [{name: a, operators: anna}, {name: b, operators: anna}]\n" + ENOUGH, "1:9", "in two groups, a and b"),
    ("roster: [{name: a, operators: anna, hours: 9-17}]\n" + ENOUGH, "1:44", "is no span of time"),
    ("roster: anna\n" + ENOUGH, "1:9", "a list of groups"),
    ("operators: {missed_share: 2}\n" + ENOUGH, "1:27", "allowed: a number from 0 to 0.95"),
])
def test_load__a_mistake_is_told_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(AdminError) as raised:
        loaded(text)
    told = [str(fault) for fault in raised.value.faults]
    assert any(fault.startswith(f"traffic.yaml:{place}:") and words in fault for fault in told), told


@pytest.mark.parametrize("drawn", [exponential(50.0), lognormal(50.0, 1.5), fixed(50.0)])
def test_distribution__has_the_mean_that_was_said(drawn: Distribution) -> None:
    from random import Random

    draw = drawn.drawn_by(Random(1))
    values = [draw() for _ in range(40_000)]
    assert sum(values) / len(values) == pytest.approx(50.0, rel=0.04)
    spread = math.sqrt(sum((value - 50) ** 2 for value in values) / len(values)) / 50
    assert spread == pytest.approx({"exponential": 1.0, "lognormal": 1.5, "fixed": 0.0}[drawn.kind], abs=0.12)
