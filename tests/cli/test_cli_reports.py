"""`hotline report` and `hotline staff`: tables, CSV and JSON of the sample's database."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.cli.conftest import Hotline
from tests.reports.day import a_day

DAY = ("--from", "2024-05-17", "--to", "2024-05-17")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a day of calls, made once."""
    path = tmp_path_factory.mktemp("told") / "hotline.db"
    engine = open_database(f"sqlite:///{path}")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, a_day(150)[0])
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def record(folder: Path, told: Path) -> Path:
    (folder / "var/hotline.db").write_bytes(told.read_bytes())
    return folder


def test_report__table_with_formulas(hotline: Hotline, record: Path) -> None:
    ran = hotline("report", *DAY, "--formulas")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("2024-05-17 00:00 to 2024-05-18 00:00, visits ")
    assert {line.split()[0] for line in ran.out.splitlines()[4:8]} == {"cards", "corporate", "loans", "all"}
    assert "SL (service_level) = A(w <= T) / O" in ran.out
    assert "w wait, T threshold" in ran.out


def test_report__json_and_csv_say_the_same(hotline: Hotline, record: Path) -> None:
    data = json.loads(hotline("report", *DAY, "--by", "line", "--json").out)
    rows = list(csv.DictReader(io.StringIO(hotline("report", *DAY, "--by", "line", "--csv").out)))
    assert [row["line"] for row in rows] == [group["line"] for group in data["groups"]] != []
    for row, group in zip(rows, data["groups"], strict=True):
        assert {name: value or None for name, value in row.items()} == {
            name: None if value is None else str(value) for name, value in group.items()}
    assert data["formulas"]["service_level"] == "A(w <= T) / O"
    assert data["total"]["visits"] == sum(group["visits"] for group in data["groups"])


def test_report__days_are_those_of_the_lines(hotline: Hotline, record: Path) -> None:
    """The sample's hours are those of Moscow: a time to the minute, and a whole day."""
    zone = json.loads(hotline("report", "--from", "2024-05-17T00:00", "--to", "2024-05-18T00:00", "--json").out)
    assert zone == json.loads(hotline("report", *DAY, "--json").out)


@pytest.mark.parametrize("by", ["queue", "operator", "menu", "topic", "hour", "day", "line", "language", "channel"])
def test_report__nothing_today(hotline: Hotline, record: Path, by: str) -> None:
    ran = hotline("report", "--by", by)
    assert (ran.code, ran.err) == (0, "")
    (row,) = [line for line in ran.out.splitlines() if line.strip().startswith("all ")]
    assert set(row.split()) <= {"all", "0", "0.0", "–"}


@pytest.mark.parametrize(("arguments", "says"), [
    (("--by", "weather"), "'weather' is not one of queue"), (("--from", "yesterday"), "write 2026-12-31"),
    (("--from", "2026-02-02", "--to", "2026-02-01"), "it ends before it begins"),
    (("--channel", "fax"), "'fax' is not one of voice"), (("--line", "999"), "no line has the number 999")])
def test_report__typed_wrong(hotline: Hotline, record: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = hotline("report", *arguments)
    assert ran.code == 2
    assert says in ran.err


def test_report__where_nothing_was_ever_recorded(hotline: Hotline, folder: Path) -> None:
    ran = hotline("report")
    assert ran.code == 1
    assert "nothing is recorded yet" in ran.err


def test_calls__of_one_channel(hotline: Hotline, record: Path) -> None:
    engine = open_database(f"sqlite:///{record}/var/hotline.db")
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "UPDATE calls SET channel = 'web' WHERE id IN (SELECT id FROM calls ORDER BY began_at DESC LIMIT 3)")
    engine.dispose()
    chats = json.loads(hotline("calls", "--channel", "web", "--json").out)
    assert [call["channel"] for call in chats] == ["web"] * 3
    assert {call["channel"] for call in json.loads(hotline("calls", "--channel", "voice", "--json").out)} == {"voice"}
    assert "'fax' is not one of voice" in hotline("calls", "--channel", "fax").err


def test_report__check(hotline: Hotline, record: Path) -> None:
    ran = hotline("report", *DAY, "--check")
    assert ran.code == 0, ran.out
    assert "Everybody is accounted for." in ran.out
    engine = open_database(f"sqlite:///{record}/var/hotline.db")
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM entries WHERE kind = 'ended'")
    engine.dispose()
    ran = hotline("report", *DAY, "--check")
    assert ran.code == 1
    assert "over-without-end: the call is over, and no entry says so" in ran.out
    faults = json.loads(hotline("report", *DAY, "--check", "--json").out)["faults"]
    assert "over-without-end" in [fault["fault"] for fault in faults]


def test_staff__table_with_formulas(hotline: Hotline) -> None:
    ran = hotline("staff", "--calls", "200", "--patience", "120", "--shrinkage", "0.3")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("12 operators for 200 calls an hour of 180 s (sl>=0.8, T = 20 s; Erlang A, patience 120")
    assert "on the roster 18 (operators / (1 - shrinkage))" in ran.out
    (level,) = [line for line in ran.out.splitlines() if line.strip().startswith("service level, of all")]
    assert "64.0 %" in level
    assert "P(answered, wait <= T)" in level


def test_staff__json_and_csv(hotline: Hotline) -> None:
    asked = ("staff", "--calls", "200", "--handle", "180", "--require", "sl>=80%,asa<=5")
    data = json.loads(hotline(*asked, "--json").out)
    rows = list(csv.DictReader(io.StringIO(hotline(*asked, "--csv").out)))
    assert data["model"] == "erlang_c"
    assert [int(row["operators"]) for row in rows] == [each["operators"] for each in data["table"]]
    chosen = next(each for each in data["table"] if each["operators"] == data["operators"])
    assert chosen["sl"] >= 0.8
    assert chosen["asa"] <= 5
    assert data["formulas"]["occupancy"] == "a/n"


def test_staff__a_day_of_half_hours(hotline: Hotline, tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("\ufefftime,calls\n09:00,40\n09:30,100\n10:00,0\n")
    data = json.loads(hotline("staff", "--arrivals", str(tmp_path / "day.csv"), "--json").out)
    found = [(each["time"], each["operators"]) for each in data["intervals"]]
    assert found == [("09:00", 7), ("09:30", 14), ("10:00", 0)]
    shown = hotline("staff", "--arrivals", str(tmp_path / "day.csv")).out
    assert shown.startswith("10.5 hours of operators")


def test_staff__a_day_that_is_none(hotline: Hotline, tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("time,calls\n09:00,many\n,3\n")
    ran = hotline("staff", "--arrivals", str(tmp_path / "day.csv"))
    assert ran.code == 1
    assert "day.csv:2:1: error: `many` is no number of calls" in ran.err
    assert "day.csv:3:1: error: there is no time" in ran.err
    (tmp_path / "day.csv").write_text("hour,calls\n")
    assert "the first line names no column `time`" in hotline("staff", "--arrivals", str(tmp_path / "day.csv")).err


def test_staff__from_the_record(hotline: Hotline, record: Path) -> None:
    """The calls of the record are brought to yesterday, in the zone of the sample's lines."""
    engine = open_database(f"sqlite:///{record}/var/hotline.db")
    yesterday = datetime.now(ZoneInfo("Europe/Moscow")).date() - timedelta(days=1)
    later = (yesterday - date(2024, 5, 17)).days
    with engine.connect() as connection, connection.begin():
        for table, column in (("calls", "began_at"), ("entries", "at")):
            moved = f"datetime({column}, '+{later} days') || '.000000'"
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {moved}")
    engine.dispose()
    data = json.loads(hotline("staff", "--records", "1", "--json").out)
    assert data["model"] == "erlang_a"
    assert 10 < data["handle_time_s"] < 600
    assert sum(each["calls"] for each in data["intervals"]) > 30
    one = json.loads(hotline("staff", "--records", "1", "--queue", "cards", "--handle", "100", "--json").out)
    assert one["handle_time_s"] == 100
    assert sum(each["calls"] for each in one["intervals"]) < sum(each["calls"] for each in data["intervals"])
    assert "nobody came into queue nowhere" in hotline("staff", "--records", "1", "--queue", "nowhere").err


@pytest.mark.parametrize(("line", "says"), [
    ("staff", "one of --calls, --arrivals and --records"), ("staff --calls 10 --records 2", "one of --calls"),
    ("staff --calls 10 --require sl>0.8", "is no target"), ("staff --calls 100000000 --handle 3600", "--calls"),
    ("staff --calls 900000 --handle 3600", "more than 10000 operators can carry"),
    ("staff --calls 10 --shrinkage 1", "--shrinkage")])
def test_staff__typed_wrong(hotline: Hotline, line: str, says: str) -> None:
    ran = hotline(*line.split())
    assert ran.code == 2
    assert says in ran.err
