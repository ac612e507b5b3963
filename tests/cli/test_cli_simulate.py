"""`hotline simulate` with the sample: tables, JSON, CSV, requirements, recorded days."""

import csv
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.call.record import Batch, Outcome
from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.cli.conftest import Hotline
from tests.requests.visits import BEGAN, call_row, entry_row, request_row, uuid

TRAFFIC = """day: 09:00-12:00
lines:
  "100":
    calls_per_hour: {"09:00": 20, "10:00": 40}
    keys:
      language: {"1": 80, "2": 20}
      main: {"2": 60, "0": 35, hangup: 5}
      cards: {"0": 1}
every_queue: {handle_s: 120, patience_s: 200}
roster:
  - {name: staff, operators: [anna, boris]}
  - {name: new, count: 1, queues: [cards], hours: 10:00-12:00}
"""


@pytest.fixture
def traffic(folder: Path) -> Path:
    path = folder / "traffic.yaml"
    path.write_text(TRAFFIC)
    return path


def test_simulate__tables_with_formulas(hotline: Hotline, traffic: Path) -> None:
    ran = hotline("simulate", "traffic.yaml", "--replications", "3")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("traffic.yaml, 09:00-12:00: 3 replications, 95 % intervals")
    for scope in ("all callers", "queue cards", "queue general", "group staff", "group new"):
        assert any(line.strip().startswith(scope) for line in lines), scope
    assert "  service level answered within T / O" in ran.out
    assert re.search(r"line 100: \d+ ways through the menu were walked, each once, by the real interpreter", ran.out)


def test_simulate__json_and_csv(hotline: Hotline, traffic: Path, folder: Path) -> None:
    ran = hotline("simulate", "traffic.yaml", "--replications", "4", "--json", "--csv", "out.csv")
    found = json.loads(ran.out)
    every = {(row["kind"], row["name"]): row for row in found["figures"]}
    level = every["all", "all callers"]["sl"]
    assert 0 < level["low"] <= level["value"] <= level["high"] <= 1
    assert sum(found["menus"]["100"].values()) == pytest.approx(100, abs=30)
    rows = list(csv.DictReader((folder / "out.csv").read_text().splitlines()))
    assert {row["figure"] for row in rows} == set(found["formulas"])
    cards = next(row for row in rows if (row["kind"], row["name"], row["figure"]) == ("queue", "cards", "sl"))
    assert float(cards["value"]) == every["queue", "cards"]["sl"]["value"]


def test_simulate__a_requirement_that_is_not_met_is_exit_code_1(hotline: Hotline, traffic: Path) -> None:
    ran = hotline("simulate", "traffic.yaml", "--replications", "3", "--require", "sl>=0.01", "--require",
                  "queue:cards sl>=99.9%")
    assert ran.code == 1
    met, missed = ran.out.splitlines()[-2:]
    assert met.startswith("met: all callers: service level at least 0.01 was required")
    assert missed.startswith("not met: queue cards: service level at least 0.999 was required")
    assert hotline("simulate", "traffic.yaml", "--replications", "3", "--require", "sl>=0.01").code == 0


@pytest.mark.parametrize(("arguments", "words"), [
    ((), "name a traffic file"), (("traffic.yaml", "--require", "sl=1"), "is no requirement"),
    (("traffic.yaml", "--require", "queue:card sl>=0.1"), "did you mean `queue cards`?"),
    (("--recorded", "yesterday"), "names no days"), (("--recorded", "2026-01-02..2026-01-01"), "the earlier one first"),
    (("--recorded", "2026-01-01..2026-12-01"), "from 1 to 31 days")])
def test_simulate__wrong_usage(hotline: Hotline, traffic: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = hotline("simulate", *arguments, "--replications", "2")
    assert ran.code == 2
    assert words in " ".join(re.sub("[│╭╮╰╯─]", " ", ran.err).split())


def test_simulate__a_faulty_file_is_told_with_its_place(hotline: Hotline, traffic: Path) -> None:
    traffic.write_text(TRAFFIC.replace("handle_s", "handle_ms"))
    ran = hotline("simulate", "traffic.yaml")
    assert ran.code == 1
    assert "traffic.yaml:9:15: error: `handle_ms` means nothing in `every_queue`" in ran.err
    assert "did you mean `handle_s`?" in ran.err


def test_simulate__recorded(hotline: Hotline, folder: Path) -> None:
    day = BEGAN.date().isoformat()
    assert "nothing is recorded yet" in hotline("simulate", "--recorded", day).err
    record(folder)
    ran = hotline("simulate", "--recorded", day, "--replications", "3", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    cards = next(row for row in found["figures"] if row["name"] == "cards")
    assert (cards["offered"]["value"], cards["offered"]["low"]) == (40, 40)
    assert "40 recorded calls" in found["remarks"][0]
    assert "no calls are recorded" in hotline("simulate", "--recorded", "2001-01-01").err


def test_simulate__arrivals_of_another_system(hotline: Hotline, folder: Path) -> None:
    (folder / "times.yaml").write_text("every_queue: {handle_s: 60}\n")
    (folder / "calls.csv").write_text("time,queue\n" + "08:00,cards\n" * 5 + "08:30,loans\n")
    ran = hotline("simulate", "times.yaml", "--arrivals", "calls.csv", "--replications", "2", "--json")
    assert (ran.code, ran.err) == (0, "")
    offered = {row["name"]: row["offered"]["value"] for row in json.loads(ran.out)["figures"] if "offered" in row}
    assert offered == {"all callers": 6, "cards": 5, "loans": 1}
    (folder / "times.yaml").write_text("threshold_s: 10\n")
    assert "nobody knows how long calls of cards, loans take" in hotline(
        "simulate", "times.yaml", "--arrivals", "calls.csv").err


def test_simulate__keys_from_the_record(hotline: Hotline, traffic: Path, folder: Path) -> None:
    record(folder)
    traffic.write_text(re.sub("    keys:(\n      .*)+", "    keys: {cards: {'0': 1}}", TRAFFIC))
    ran = hotline("simulate", "traffic.yaml", "--replications", "2", "--key-counts", "3650", "--json")
    assert ran.code == 0, ran.err
    queues = {row["name"] for row in json.loads(ran.out)["figures"] if row["kind"] == "queue"}
    assert queues == {"cards"}      # of the others the record knows nothing: nobody pressed their keys


def record(folder: Path) -> None:
    """Forty calls, a minute apart, that chose English and cards, and were answered."""
    engine = open_database(f"sqlite:///{folder}/var/hotline.db")
    with engine.begin() as connection:
        write(connection, [recorded(number) for number in range(1, 41)])
    engine.dispose()


def recorded(number: int) -> Batch:
    began = BEGAN + timedelta(minutes=number)
    call = call_row(number, line="100", began_at=began, ended_at=began + timedelta(seconds=100), queue="cards",
                    outcome=Outcome.ANSWERED, wait_time=12.0, talk_time=70.0, request_id=uuid(f"request {number}"))
    pressed = [("language", "1"), ("main", "2")]
    entries = [entry for position, (menu, keys) in enumerate(pressed) for entry in (
        entry_row(number, 2 * position, "menu_entered", menu=menu),
        entry_row(number, 2 * position + 1, "option_chosen", menu=menu, keys=keys))]
    return Batch(calls=(call,), requests=(request_row(number, opened_at=began + timedelta(seconds=20)),),
                 entries=tuple(entries))
