"""Every way through the sample menus: how many there are, where they end, how fast, and that no socket is opened."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from ivr.menu.steps import EnterQueue, KeysTaken, NoInputCounted, NoMatchCounted
from ivr.menu.testing.lengths import estimated
from ivr.menu.testing.ways import Way, failures, misses, ways

ROOT = Path(__file__).parent.parent.parent

# The bench in a process in which whoever touches a socket is told off, and that the audit hook works is shown first.
NO_SOCKETS = """
import sys
def audit(event, arguments):
    if event.startswith("socket."):
        raise PermissionError(event)
sys.addaudithook(audit)
from bench import bench_dialogues
touched = "socket" in sys.modules
sys.argv = ["bench"]
bench_dialogues.main()
import socket
try:
    socket.socket()
except PermissionError:
    print(touched)
"""


@pytest.fixture(scope="module")
def bank() -> Menu:
    return load_menu((ROOT / "menus/bank.yaml").read_text(), "menus/bank.yaml", None, None)


def test_ways__every_order_of_misses(bank: Menu) -> None:
    cards = bank.choices["cards"]
    before, last = list(misses(cards)), list(failures(cards))
    assert len(before) == len(set(before)) == 19, "up to two of each, in every order"
    assert len(last) == len(set(last)) == 20
    assert {max(way.count(""), way.count("9")) for way in last} == {3}


def test_ways__each_option_and_each_timeout_of_the_bank(bank: Menu) -> None:
    lengths = estimated(bank)
    gone = [way.walk(bank, lengths) for way in ways(bank, lengths)]
    steps = [step for dialogue in gone for _, step in dialogue.taken]
    taken = {(step.menu, step.keys) for step in steps if isinstance(step, KeysTaken)}
    assert taken == {(choice.name, keys) for choice in bank.choices.values() for keys in choice.options}
    for kind in (NoInputCounted, NoMatchCounted):
        assert {(step.menu, step.count) for step in steps if isinstance(step, kind)} == {
            (name, count) for name in bank.choices for count in (1, 2, 3)}
    assert all(dialogue.end is not None or dialogue.is_waiting for dialogue in gone)
    failed = [dialogue for dialogue in gone if any(getattr(step, "count", 0) == 3 for _, step in dialogue.taken)]
    assert len(failed) == 20 * len(bank.choices)
    assert {dialogue.end for dialogue in failed} == {EnterQueue("general", "general")}


def test_ways__options_of_several_keys_wait_for_the_next() -> None:
    menu = load_menu('languages: [en]\nstart: a\nmenus:\n  a:\n    prompts: p\n    attempts: 1\n    on_failure: '
                     '{queue: lost}\n    options: {"1": {queue: one}, "12": {queue: two}}\nprompts: {p: {en: P.}}\n',
                     "m.yaml", None, None)
    lengths = estimated(menu)
    ended = {way: way.walk(menu, lengths) for way in ways(menu, lengths)}
    assert {way.keys: dialogue.end.queue for way, dialogue in ended.items()        # type: ignore[union-attr]
            } == {("1",): "one", ("12",): "two", ("",): "lost", ("9",): "lost"}
    assert ended[Way(("1",))].now == pytest.approx(lengths["en/p.wav"] + 0.1 + 2.5)


def test_ways__over_a_thousand_and_no_socket() -> None:
    done = subprocess.run([sys.executable, "-c", NO_SOCKETS], cwd=ROOT, capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": str(ROOT)})
    figures, touched = done.stdout.splitlines()
    assert touched == "False", "not even imported"
    measured = json.loads(figures)
    assert measured["ways"] >= 1000
    assert measured["misses_and_timeouts"] > measured["ways"]
