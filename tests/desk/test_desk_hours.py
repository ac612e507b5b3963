"""Hours over the API: the calendar, and a day that gets others, in a file whose every other line stays."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.menu.loader import version_of
from ivr.service.desk_work import hours_days
from ivr.service.desk_work.hours_text import DayHours, with_day
from tests.desk.admin_rig import HOURS, at_home, config_of, here
from tests.desk.desk_rig import Rig

NEW_YEAR = date(2026, 12, 31)
DAY = "/api/hours/bank/days/2026-11-25"


@pytest.fixture
def home(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr("desk.apart._run", here)
    rig.clock.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()
    return at_home(rig, config_of(tmp_path / "house"))


def changed(text: str, schedule: str, day: date, hours: DayHours | None) -> list[str]:
    """The lines that are new, with + before them, and those that are gone, with -."""
    before, after = text.split("\n"), with_day(text, "hours.yaml", schedule, day, hours).split("\n")
    return [f"-{line}" for line in before if line not in after] + [f"+{line}" for line in after if line not in before]


def test_text__a_day_is_added_behind_the_others() -> None:
    hours = DayHours(("09:00-12:00", "13:00-15:00"), 'the "short" day: half')
    assert changed(HOURS, "bank", date(2026, 11, 25), hours) == [
        '+      2026-11-25: {hours: [09:00-12:00, 13:00-15:00], why: "the \\"short\\" day: half"}']
    after = with_day(HOURS, "f", "bank", date(2026, 11, 25), hours)
    assert after.index("every 01-01") < after.index("2026-11-25") < after.index("cards:")


def test_text__a_day_that_is_there_is_changed_and_its_remark_stays() -> None:
    assert changed(HOURS, "bank", NEW_YEAR, DayHours()) == [
        "-      2026-12-31: {hours: 09:00-15:00, why: short day}   # as every year",
        "+      2026-12-31: closed   # as every year"]
    assert changed(HOURS, "bank", NEW_YEAR, None) == [
        "-      2026-12-31: {hours: 09:00-15:00, why: short day}   # as every year"]
    assert with_day(HOURS, "f", "bank", date(2026, 11, 25), None) == HOURS


def test_text__a_day_over_several_lines() -> None:
    text = HOURS.replace("{hours: 09:00-15:00, why: short day}   # as every year",
                         "\n        hours: 09:00-15:00\n        # nobody comes\n        why: short day")
    assert changed(text, "bank", NEW_YEAR, DayHours(("10:00-12:00",))) == [
        "-      2026-12-31: ", "-        hours: 09:00-15:00", "-        why: short day",
        "+      2026-12-31: 10:00-12:00"]


def test_text__the_first_exceptions_of_a_schedule() -> None:
    assert with_day(HOURS, "f", "late", NEW_YEAR, DayHours()).endswith(
        "    like: bank\n    exceptions:\n      2026-12-31: closed\n")
    empty = HOURS.replace("    like: bank\n", "    like: bank\n    exceptions:\n      # none yet\n")
    assert changed(empty, "late", NEW_YEAR, DayHours()) == ["+      2026-12-31: closed"]


@pytest.mark.parametrize(("schedule", "says"), [
    ("always", "schedule `always` is written in one line"), ("cards", "schedule `cards` is written in one line"),
    ("none", "there is no schedule `none`")])
def test_text__what_is_left_to_people(schedule: str, says: str) -> None:
    with pytest.raises(AdminError, match=says):
        with_day(HOURS, "hours.yaml", schedule, NEW_YEAR, DayHours())


def test_calendar__days_with_their_rules(home: Rig) -> None:
    olga = home.logged_in("olga")
    shown = olga.get("/api/hours").json()
    bank = next(one for one in shown["schedules"] if one["name"] == "bank")
    assert (bank["open"], bank["lines"], bank["zone"], bank["today"]) == (True, ["100"], "Europe/Moscow", "2026-11-23")
    assert bank["until"] == "2026-11-23T18:00:00+03:00"
    days = olga.get("/api/hours/bank/days", params={"first": "2026-12-30", "count": 3}).json()["days"]
    assert [(day["date"], day["kind"], [part["hours"] for part in day["open"]]) for day in days] == [
        ("2026-12-30", "week", ["09:00-18:00"]), ("2026-12-31", "date", ["09:00-15:00"]),
        ("2027-01-01", "yearly_day", [])]
    assert (days[1]["line"], days[1]["why"]) == (10, "2026-12-31 (short day)")
    assert len(olga.get("/api/hours/bank/days", params={"count": 400}).json()["days"]) == 400


def test_day__written_checked_and_seen_at_once(home: Rig, tmp_path: Path) -> None:
    admin, file = home.program, tmp_path / "house/menus/hours.yaml"
    version = admin.get("/api/hours").json()["version"]
    new = {"spans": ["10:00-14:00"], "why": "a move", "version": version}
    written = admin.put(DAY, json=new)
    assert written.status_code == 200, written.text
    assert '2026-11-25: {hours: 10:00-14:00, why: "a move"}' in file.read_text()
    (day,) = admin.get("/api/hours/bank/days", params={"first": "2026-11-25", "count": 1}).json()["days"]
    assert ([part["hours"] for part in day["open"]], day["why"]) == (["10:00-14:00"], "2026-11-25 (a move)")
    refused = admin.put(DAY, json=new)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")


def test_day__faulty_hours_are_not_written(home: Rig, tmp_path: Path) -> None:
    config, file = home.app.state.desk.config, tmp_path / "house/menus/hours.yaml"
    version = home.program.get("/api/hours").json()["version"]
    wish = {"schedule": "bank", "day": "2026-11-25", "version": version,
            "hours": {"spans": ["10:00-14:00", "12:00-16:00"], "why": ""}}
    with pytest.raises(AdminError, match=r"hours\.yaml:12:"):
        hours_days.set_day(config, wish, lambda *step: None)
    assert file.read_text() == HOURS
    assert hours_days.set_day(config, wish | {"hours": None}, lambda *step: None)["changed"] is False


def test_day__a_file_from_windows_stays_one(home: Rig, tmp_path: Path) -> None:
    config, file = home.app.state.desk.config, tmp_path / "house/menus/hours.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + HOURS.replace("\n", "\r\n").encode())
    hours_days.set_day(config, {"schedule": "bank", "day": "2026-11-25", "version": version_of(HOURS), "hours": {
        "spans": [], "why": ""}}, lambda *step: None)
    lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\r\n")
    assert len(lines) == len(HOURS.split("\n")) + 1
    assert b"      2026-11-25: closed" in lines


def test_day__what_somebody_writes_while_it_is_checked_stays(
        home: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, theirs = tmp_path / "house/menus/hours.yaml", HOURS + "# of somebody else\n"
    version, own = home.logged_in("admin").get("/api/hours").json()["version"], hours_days.check_text

    def slow(config: Config, path: str, text: str) -> object:
        file.write_text(theirs)
        return own(config, path, text)

    monkeypatch.setattr(hours_days, "check_text", slow)
    wish = {"schedule": "bank", "day": "2026-11-25", "version": version, "hours": {"spans": [], "why": ""}}
    with pytest.raises(AdminError, match="somebody changed the file meanwhile"):
        hours_days.set_day(home.app.state.desk.config, wish, lambda *step: None)
    assert file.read_text() == theirs


@pytest.mark.parametrize(("path", "wrong", "status"), [
    (DAY, {"spans": ["9-18"]}, 422), (DAY, {"spans": ["09:00-18:00\n  x: y"]}, 422), (DAY, {"why": "a\nb"}, 422),
    (DAY, {"spans": ["25:00-26:00"]}, 422), ("/api/hours/none/days/2026-11-25", {}, 404),
    ("/api/hours/bank/days/1999-01-01", {}, 400), ("/api/hours/bank/days/2026-02-30", {}, 422)])
def test_day__refused(home: Rig, tmp_path: Path, path: str, wrong: dict[str, object], status: int) -> None:
    assert home.program.put(path, json={"version": "x"} | wrong).status_code == status
    assert (tmp_path / "house/menus/hours.yaml").read_text() == HOURS


def test_hours__roles_and_a_faulty_file(home: Rig, tmp_path: Path) -> None:
    for client, status in ((home.stranger, 401), (home.logged_in("anna"), 403)):
        assert client.get("/api/hours").status_code == client.get("/api/hours/bank/days").status_code == status
    for name in ("anna", "olga"):
        assert home.logged_in(name).put(DAY, json={"version": "x"}).status_code == 403
        assert home.logged_in(name).delete(f"{DAY}?version=x").status_code == 403
    olga = home.logged_in("olga")
    assert olga.get("/api/hours").json()["faults"] == []
    (tmp_path / "house/menus/hours.yaml").write_text("schedules: [\n")
    shown = olga.get("/api/hours").json()
    assert "hours.yaml:" in shown["faults"][0]
    assert {one["name"] for one in shown["schedules"]} == {"always", "bank", "cards", "late"}
