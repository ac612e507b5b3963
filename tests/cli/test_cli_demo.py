"""`hotline demo` leaves a ladder, a WAV and the row; the other commands read what it leaves."""

import json
import wave
from pathlib import Path

import pytest

from tests.cli.conftest import Hotline

ROW = [
    ("caller", "+74955550142"), ("number dialled", "100"), ("language", "en"),
    ("path", "1 in language, 2 in main, 0 in cards"), ("queue", "cards"), ("operator", "anna"), ("waited", "6.0 s"),
    ("talked", "4.0 s"), ("outcome", "answered"),
]


@pytest.fixture
def told(hotline: Hotline, folder: Path) -> str:
    ran = hotline("demo")
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def test_demo__leaves_three_files(told: str, folder: Path) -> None:
    left = folder / "var/demo"
    assert sorted(file.name for file in left.iterdir()) == ["demo.db", "heard.wav", "ladder.txt"]
    assert all(str(left / name) in told for name in ("demo.db", "heard.wav", "ladder.txt"))
    assert (left / "ladder.txt").read_text().strip() in told
    with wave.open(str(left / "heard.wav")) as heard:
        assert (heard.getframerate(), heard.getnchannels(), heard.getsampwidth()) == (8000, 1, 2)
        assert heard.getnframes() / 8000 == pytest.approx(23.0, abs=0.1)


def test_demo__tells_the_story_and_shows_the_row(told: str) -> None:
    events = [line.partition("* ")[2].rstrip("| ") for line in told.splitlines() if " * " in line]
    assert events == [
        "menu language", "audio comes from port 40000", "key 1: language en, goto main", "menu main",
        "key 2: goto cards", "menu cards", "key 0: queue cards", "request for cards", "queue cards", "place 1",
        "anna rings", "bridged with anna", "audio comes from port 40000", "answered (caller: hung up)"]
    cells = [line.strip("│ ").split("│") for line in told.splitlines() if line.startswith("│")]
    assert [(name.strip(), value.strip()) for name, value in cells] == ROW


def test_demo__is_the_same_each_time_and_another_folder_can_be_named(hotline: Hotline, told: str, folder: Path) -> None:
    again = hotline("demo", "--out", str(folder / "again"))
    assert again.code == 0
    assert (folder / "again/ladder.txt").read_text() == (folder / "var/demo/ladder.txt").read_text()
    assert (folder / "again/heard.wav").read_bytes() == (folder / "var/demo/heard.wav").read_bytes()


def test_records__of_the_database_that_the_demo_left(hotline: Hotline, told: str, folder: Path) -> None:
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("var/hotline.db", "var/demo/demo.db").replace(
        "127.0.0.1:8080", "127.0.81.1:8080"))
    calls, requests = hotline("calls"), hotline("requests")
    assert "calls (from the database; the service does not run)" in calls.out
    row = calls.out.splitlines()[-2].split()
    assert row[3:] == ["inbound", "+74955550142", "100", "voice", "cards", "anna", "answered"]
    assert requests.out.splitlines()[-2].split()[3:] == [
        "+74955550142", "cards", "anna", "6.0", "4.0", "answered", "answered", "queue", "-"]
    call, = json.loads(hotline("calls", "--json").out)
    request, = json.loads(hotline("requests", "--json", "--limit", "1").out)
    assert (call["id"][:8], request["id"][:8]) == (row[0], requests.out.splitlines()[-2].split()[0])
    assert [(step["menu"], step["keys"]) for step in request["path"]] == [
        ("language", "1"), ("main", "2"), ("cards", "0")]
    assert (request["call_id"], request["wait_time"], request["talk_time"]) == (
        call["id"], pytest.approx(6.0, abs=0.05), pytest.approx(4.0, abs=0.05))
    ladder = (folder / "var/demo/ladder.txt").read_text().strip()
    for which in ((), (call["id"],), (call["id"][:6],), (request["id"],), (request["id"][:6].upper(),)):
        assert hotline("trace", *which).out.strip() == ladder
    shown = hotline("calls", "show", call["id"][:6]).out.splitlines()
    assert shown[0] == f"call {call['id']}"
    assert "  outcome        answered" in shown
    legs = [line.split() for line in shown if line.startswith(("  caller  ", "  anna "))]
    assert [[leg[0], leg[1], leg[4], leg[6]] for leg in legs] == [["anna", "PCMA", "0.00", "4.40"],
                                                                  ["caller", "PCMU", "0.00", "4.40"]]
    assert {leg["party"] for leg in json.loads(hotline("calls", "show", "--json").out)["legs"]} == {"caller", "anna"}
    assert hotline("trace", "zzz").err == (
        "zzz: error: no id of a call or a request begins like this (hotline calls lists them)\n")
