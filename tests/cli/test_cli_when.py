"""`hotline when`: the sample's hours, told to the person who edits them."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.drivers.config_file import load_config
from ivr.drivers.private_files import make_private_folder
from ivr.drivers.state_files import StateFiles
from ivr.exchange.orders import LineOrder
from tests.cli.conftest import Hotline

HOURS = """zone: Europe/Berlin
schedules:
  always: 24/7
  office:
    week:
      monday-friday: [09:00-12:00, 13:00-17:00]
      saturday: 22:00-04:00 next day
    holidays: DE
    exceptions:
      2026-12-31: {hours: 09:00-11:00, why: short day}
"""


@pytest.fixture
def office(folder: Path) -> Path:
    """The sample with HOURS; line 200 has no hours, +4930123456 is always open."""
    (folder / "menus/hours.yaml").write_text(HOURS)
    config = folder / "config.yaml"
    lines = "    hours: office\n  - {numbers: ['200'], menu: menus/bank.yaml}\n" \
        "  - {numbers: ['+4930123456'], menu: menus/bank.yaml, hours: always}\n"
    text = re.sub("    hours: bank.*\n", lines, config.read_text())
    assert lines in text
    config.write_text(text)
    return folder


def test_when__open(hotline: Hotline, office: Path) -> None:
    ran = hotline("when", "100", "2026-12-31T09:30")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "line 100 is open on Thursday 2026-12-31 09:30",
        "  hours  office, Europe/Berlin",
        "  rule   2026-12-31 (short day), 09:00-11:00",
        "  place  menus/hours.yaml:10:27",
        "  until  Thursday 2026-12-31 11:00",
    ]


def test_when__closed(hotline: Hotline, office: Path) -> None:
    """Date and time may be two words; another zone is understood."""
    expected = [
        "line 100 is closed on Friday 2027-01-01 12:00",
        "  hours  office, Europe/Berlin",
        "  rule   public holiday of DE (New Year's Day), closed",
        "  place  menus/hours.yaml:8:15",
        "  until  Saturday 2027-01-02 22:00",
    ]
    assert hotline("when", "100", "2027-01-01", "12:00").out.splitlines() == expected
    assert hotline("when", "100", "2027-01-01T14:00+03:00").out.splitlines() == expected


def test_when__now_and_today(hotline: Hotline, office: Path) -> None:
    now = hotline("when", "100").out.splitlines()
    assert re.fullmatch(r"line 100 is (open|closed) on \w+day 20\d\d-\d\d-\d\d \d\d:\d\d", now[0])
    morning = hotline("when", "100", "9:00").out.splitlines()
    assert re.fullmatch(r"line 100 is (open|closed) on \w+day 20\d\d-\d\d-\d\d 09:00", morning[0])


def test_when__as_json(hotline: Hotline, office: Path) -> None:
    assert json.loads(hotline("when", "100", "2026-12-31 23:59", "--json").out) == {
        "number": "100", "hours": "office", "zone": "Europe/Berlin", "at": "2026-12-31T23:59:00+01:00", "open": False,
        "rule": "2026-12-31 (short day), outside 09:00-11:00",
        "place": {"file": "menus/hours.yaml", "line": 10, "column": 7}, "until": "2027-01-02T22:00:00+01:00"}


def test_when__a_week(hotline: Hotline, office: Path) -> None:
    out = hotline("when", "100", "2026-12-26", "--week").out
    rows = [line.split("  ") for line in out.splitlines() if " 20" in line]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["Sat 2026-12-26", "closed", "public holiday of DE (Second Day of Christmas), closed", "menus/hours.yaml:8:15"],
        ["Sun 2026-12-27", "closed", "sunday (not in `week`), closed", "menus/hours.yaml:6:7"],
        *(row for day in ("Mon 2026-12-28", "Tue 2026-12-29", "Wed 2026-12-30") for row in (
            [day, "09:00-12:00", "monday-friday, 09:00-12:00", "menus/hours.yaml:6:23"],
            [day, "13:00-17:00", "monday-friday, 13:00-17:00", "menus/hours.yaml:6:36"])),
        ["Thu 2026-12-31", "09:00-11:00", "2026-12-31 (short day), 09:00-11:00", "menus/hours.yaml:10:27"],
        ["Fri 2027-01-01", "closed", "public holiday of DE (New Year's Day), closed", "menus/hours.yaml:8:15"],
    ]


def test_when__a_day(hotline: Hotline, office: Path) -> None:
    """A night is shown on both days, each with its part."""
    days = json.loads(hotline("when", "100", "2027-01-03", "--json").out)
    night = {"date": "2027-01-03", "hours": "00:00-04:00", "open": True, "rule": "saturday, 22:00-04:00 next day",
             "place": {"file": "menus/hours.yaml", "line": 7, "column": 17}}
    assert days[0] == night
    assert [day["hours"] for day in days] == ["00:00-04:00", "04:00-24:00"]
    table = hotline("when", "100", "2027-01-02").out
    assert "22:00-24:00" in table
    assert table.count(" 2027-") == 1


def test_when__lines_that_never_close(hotline: Hotline, office: Path) -> None:
    assert hotline("when", "+49 30 123456", "2026-12-31T23:59").out.splitlines() == [
        "line +4930123456 is open on Thursday 2026-12-31 23:59",
        "  hours  always, Europe/Berlin",
        "  rule   every day, 00:00-24:00",
        "  place  menus/hours.yaml:3:11",
        "  until  no end within 400 days",
    ]
    ran = hotline("when", "200", "--week").out.splitlines()
    assert ran[:2] == ["line 200 is open", "  rule   no `hours` stand at this line, so it never closes"]
    assert re.fullmatch(r"  place  config.yaml:\d+:5", ran[2])
    assert json.loads(hotline("when", "200", "--json").out)["until"] is None


def test_when__the_nights_on_which_clocks_are_changed(hotline: Hotline, office: Path) -> None:
    twice = hotline("when", "100", "2026-10-25T02:30").out.splitlines()
    assert twice[-2:] == ["  until  Sunday 2026-10-25 04:00",
                          "  note   clocks are put back then and show this time twice: this is the first"]
    ran = hotline("when", "100", "2027-03-28T02:30")
    assert ran.code == 2
    assert "the clocks of Europe/Berlin leave out 2027-03-28 02:30: they are put forward then" in ran.err


@pytest.mark.parametrize(("arguments", "says"), [
    (["101"], "no line has the number 101: did you mean 100? there is +4930123456, 100, 200"),
    (["100", "tomorrow"], "tomorrow is no time; write 2026-12-31T23:59, 23:59 for today, or 2026-12-31 for the whole"),
    (["100", "25:00"], "25:00 is no time; write"),
    (["100", "2026-02-30"], "2026-02-30 is no time; write"),
    (["100", "3026-12-31"], "3026-12-31 lies too far away: a year from 2000 to 2099"),
])
def test_when__wrong_usage(hotline: Hotline, office: Path, arguments: list[str], says: str) -> None:
    ran = hotline("when", *arguments)
    assert ran.code == 2
    assert says in ran.err


def test_when__faults_of_the_files(hotline: Hotline, folder: Path) -> None:
    """The same that `hotline check` finds, each in its place."""
    hours, config = folder / "menus/hours.yaml", folder / "config.yaml"
    good = hours.read_text()
    hours.write_text(good.replace("09:00-21:00", "21:00-09:00"))
    line = 1 + good[:good.index("09:00-21:00")].count("\n")
    said = (f"menus/hours.yaml:{line}:22: error: `21:00-09:00` ends before it begins (if it ends on the next day, "
            "write `21:00-09:00 next day`)\n")
    when, check = hotline("when", "100"), hotline("check")
    assert (when.code, when.err) == (1, said)
    assert (check.code, check.out) == (1, f"{said[:-1]} [hours-backward]\n")
    hours.write_text(good)
    config.write_text(config.read_text().replace("hours: bank ", "hours: bnak "))
    said = f": error: there are no hours bnak in {hours} (did you mean bank? there is always, bank, cards)\n"
    assert hotline("when", "100").err.endswith(said)
    check = hotline("check")
    assert (check.code, check.out) == (1, f"{hotline('when', '100').err[:-1]} [schedule-unknown]\n")
    config.write_text(re.sub("hours: menus.*\n", "", config.read_text()))
    assert ": error: no file says when bnak is open (add `hours: menus/hours.yaml` at the left margin" in \
        hotline("when", "100").err
    config.write_text("hours: menus/huors.yaml\n" + config.read_text())
    assert f"config.yaml:1:8: error: there is no file {folder}/menus/huors.yaml (did you mean hours.yaml? " in \
        hotline("when", "100").err


def test_when__a_line_that_somebody_has_closed(hotline: Hotline, office: Path) -> None:
    """It said open, since it knew the hours alone."""
    now = datetime.now(UTC)
    order = LineOrder("100", "closure", "goodbye", "vera", now - timedelta(hours=1), now + timedelta(hours=1))
    state = Path(load_config(office / "config.yaml").state_dir)
    make_private_folder(state)
    StateFiles(state).save_orders([order.written()])
    assert re.search(r"\n  order  but vera has closed it until \w+day .*: hotline open 100$",
                     hotline("when", "100").out.rstrip())
    assert json.loads(hotline("when", "100", "--json").out)["order"]["by"] == "vera"
    assert "order" not in hotline("when", "100", "2026-12-31 23:59").out
    StateFiles(state).save_orders([])
