"""`hotline request` and `hotline erase`, on the database of the sample."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.call.record import Batch, Outcome, PersonRow
from routing.requests.database import open_database
from routing.requests.files import FileRow, Files
from routing.requests.repository import Repository
from routing.requests.transaction import write
from tests.cli.conftest import Hotline
from tests.desk.desk_rig import visit
from tests.requests.visits import call_row, uuid


@pytest.fixture
def record(folder: Path) -> Path:
    engine = open_database(f"sqlite:///{folder}/var/hotline.db")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [visit(number) for number in range(3)])
    engine.dispose()
    return folder


def shown(hotline: Hotline) -> dict[str, object]:
    found: dict[str, object] = json.loads(hotline("request", "show", "request-1", "--json").out)
    return found


def test_request__from_topic_to_close(hotline: Hotline, record: Path) -> None:
    ran = hotline("request", "set", "request-1", "--topic", "cards/lost", "--note", "abroad")
    assert (ran.code, ran.err) == (0, "")
    assert "cards/lost" in ran.out
    ran = hotline("request", "close", "request-1", "--result", "solved", "--revision", "0")
    assert ran.code == 1
    assert "somebody else changed it: it is at revision 1 (look at it again" in ran.err
    assert hotline("request", "close", "request-1", "--result", "solved").code == 0
    found = shown(hotline)
    assert (found["status"], found["result"], found["note"], found["revision"]) == ("closed", "solved", "abroad", 2)
    assert hotline("request", "pass", "request-1", "lost_card").code == 0
    found = shown(hotline)
    assert (found["status"], found["queue"], found["operator"]) == ("open", "lost_card", "")
    told = hotline("request", "show", "request-1").out
    assert "command line: topic cards/lost, note\n" in told
    assert "command line: queue lost_card, operator \n" in told
    ran = hotline("request", "close", "request-1")
    assert ran.code == 1
    assert "`last_digits` is needed to close it; `blocked` is needed to close it" in ran.err
    filled = ("--field", "last_digits=4711", "--field", "blocked=yes")
    assert hotline("request", "close", "request-1", *filled).code == 0
    assert shown(hotline)["filled"] == {"last_digits": "4711", "blocked": "yes"}


@pytest.mark.parametrize(("line", "code", "says"), [
    ("set request-1", 2, "say what is to be another"), ("set request-1 --field x", 2, "'x' is no NAME=VALUE"),
    ("set request-1 --topic soup", 1, "there is no topic `soup`"), ("show nothing", 1, "no id of a request begins"),
    ("show request-", 1, "several ids begin like this"), ("pass request-1 nowhere", 1, "there is no queue `nowhere`")])
def test_request__typed_wrong(hotline: Hotline, record: Path, line: str, code: int, says: str) -> None:
    ran = hotline("request", *line.split())
    assert ran.code == code
    assert says in ran.err


def test_requests__overdue(hotline: Hotline, record: Path) -> None:
    assert "request" not in hotline("requests", "--overdue", "--json").out
    config = record / "config.yaml"
    config.write_text(config.read_text().replace("  loans:\n", "    sla: {close_h: 1}\n  loans:\n", 1))
    assert len(json.loads(hotline("requests", "--overdue", "--json").out)) == 3
    assert hotline("request", "close", "request-1", "--topic", "other").code == 0
    assert len(json.loads(hotline("requests", "--overdue", "--json").out)) == 2


def test_erase__a_caller_is_forgotten(hotline: Hotline, record: Path) -> None:
    hotline("request", "set", "request-1", "--note", "a secret")
    ran = hotline("erase", "--number", "+79161234561", "--yes")
    assert (ran.code, ran.out) == (0, "Erased: calls 1, notes 1, recordings 0, files 0.\n")
    found = shown(hotline)
    assert (found["caller_number"], found["caller_name"], found["note"]) == (None, None, "")
    engine = open_database(f"sqlite:///{record}/var/hotline.db")
    assert sum(call.caller_number is not None for call in Repository(engine).calls().items) == 2
    engine.dispose()
    assert hotline("erase", "--number", "nobody").code == 2


def test_erase__by_the_call(hotline: Hotline, record: Path) -> None:
    ran = hotline("erase", "--call", "call-1", "--yes")
    assert (ran.code, "at least 8 characters" in ran.err) == (2, True)
    call = uuid("call 1")
    engine = open_database(f"sqlite:///{record}/var/hotline.db")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch((call_row(1, channel="web", node="hotline"),), (PersonRow(call, None, "Maria"),))])
    kept = record / "var" / "files" / "aa" / ("a" * 32)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a letter")
    gone = kept.with_name("aa" + "c" * 30)
    gone.write_bytes(b"erased, and still there")
    for file, node in ((kept.name, "hotline"), ("b" * 32, "second"), (gone.name, "hotline")):
        Files(engine).put(FileRow(id=file, call_id=call, node=node, at=datetime.now(UTC), sender="caller",
                                  visitor="web/x", name="a.txt", type="text/plain", octets=8, width=0, height=0))
    Files(engine).erase([gone.name], datetime(2026, 3, 2, tzinfo=UTC))
    ran = hotline("erase", "--call", call[:8], "--yes")
    assert (ran.code, "this chat goes on" in ran.err, "end it first" in ran.err) == (1, True, True)
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch((call_row(1, 2, channel="web", node="hotline", outcome=Outcome.CLOSED,
                                           ended_at=datetime.now(UTC)),))])
    ran = hotline("erase", "--call", call[:8], "--yes")
    assert (ran.code, ran.out) == (0, "Erased: calls 1, notes 0, recordings 0, files 1.\n"
                                      "Files on the node second, which deletes them within an hour: 1\n")
    assert not kept.exists()
    assert {one.id for one in Repository(engine).calls().items if one.caller_name is None} == {call}
    engine.dispose()
    ran = hotline("erase", "--call", "22222222", "--yes")
    assert (ran.code, "no id of a call begins like this" in ran.err) == (1, True)
    assert hotline("erase", "--yes").code == 2
    assert hotline("erase", "--call", "11111111", "--number", "+7", "--yes").code == 2


def test_check__a_faulty_file_of_topics(hotline: Hotline, record: Path) -> None:
    (record / "menus/topics.yaml").write_text("fields: {nowhere: {a: {type: text}}}\n")
    ran = hotline("check")
    assert ran.code == 1
    assert "`fields` names a queue `nowhere` that there is not" in ran.out + ran.err
