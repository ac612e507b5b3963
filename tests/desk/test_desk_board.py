"""The board and reports over the API: figures of now and today, the calls behind a figure, exports, and who may."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from desk.board import in_all, standing
from ivr.call.record import Batch, EntryRow, MessageRow
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests.audit import AuditFilter
from routing.requests.transaction import write
from routing.staffing.erlang import Traffic
from routing.staffing.needed import plan
from routing.staffing.targets import Target
from tests.desk.desk_rig import NOON, Rig
from tests.desk.test_desk_visible import answers

DAY = {"from": "2026-11-20", "to": "2026-11-20"}
KINDS = (("queued", {"queue": "cards"}), ("bridged", {"operator": "anna"}),
         ("stay_ended", {"queue": "cards", "ending": "answered", "operator": "anna"}),
         ("ended", {"outcome": "answered", "by": "caller"}))


@pytest.fixture
def talked(rig: Rig) -> Rig:
    """Five visits of 20 November, of which four waited (30, 30, 7 and 7 s) and talked."""
    return told(rig)


def told(rig: Rig) -> Rig:
    batches = []
    for number, wait in enumerate((30, 30, 7, 7)):
        began = NOON + timedelta(minutes=number)
        at = (began, began + timedelta(seconds=wait), began + timedelta(seconds=wait), began + timedelta(seconds=90))
        batches.append(Batch(entries=tuple(
            EntryRow(f"t{number}{index}", f"call-{number}", 10 + index, when, kind, details)
            for index, ((kind, details), when) in enumerate(zip(KINDS, at, strict=True)))))
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, batches)
    rig.clock.now = (NOON + timedelta(hours=2)).timestamp()
    return rig


def test_board__of_now_and_of_today(talked: Rig) -> None:
    shown = talked.logged_in("anna").get("/api/board").json()
    assert (shown["now"]["active"], shown["now"]["waiting"], shown["now"]["longest_wait"]) == (1, 1, 2.5)
    assert shown["now"]["operators"] | {"free": 1, "unreachable": 1} == shown["now"]["operators"]
    assert sum(shown["now"]["operators"].values()) == 2
    today = shown["now"]["today"]
    assert (today["offered"], today["answered"], today["answered_in_time"]) == (4, 4, 2)
    assert today["service_level"] == 0.5
    (cards,) = shown["queues"]
    assert (cards["name"], cards["waiting"], cards["today"]["service_level"]) == ("cards", 1, 0.5)
    assert shown["formulas"]["service_level"] == "A(w <= T) / O"
    assert shown["alarms"] == []
    (anna,) = shown["operators"]
    assert (anna["name"], anna["handled"], anna["missed"]) == ("anna", 4, 0)
    assert talked.logged_in("boris").get("/api/board").json()["operators"] == []
    assert talked.program.get("/api/board").json()["operators"] == [anna]


def test_standing__of_who_writes() -> None:
    """A desk that answers chats is as good as a phone, for who has no phone; calls come first for who has one."""
    def one(**more: Any) -> dict[str, Any]:
        return {"state": "idle", "status": "available", "reachable": False, "chats": 0,
                "chats_reachable": False, **more}
    for operator, stands in ((one(), "unreachable"), (one(chats_reachable=True), "free"),
                             (one(chats_reachable=True, chats=2), "on_call"), (one(chats=1), "on_call"),
                             (one(chats_reachable=True, chats=1, reachable=True), "free"),
                             (one(chats_reachable=True, status="on_break"), "on_break"),
                             (one(chats=1, state="on_call", reachable=True), "on_call")):
        assert standing([operator])[stands] == 1, operator
    shown = {"operators": [one(chats=2, queues=["cards"]), one(chats=1, queues=["loans"])],
             "queues": [{"name": "cards", "waiting": 3, "chats_waiting": 2}, {"name": "loans", "waiting": 1}]}
    everything, cards = in_all(shown, frozenset()), in_all(shown, frozenset(["cards"]))
    assert (everything["chats"], everything["chats_waiting"]) == (3, 2)
    assert (cards["chats"], cards["chats_waiting"], cards["waiting"]) == (2, 2, 3)


def test_board__many_looks_are_one_reckoning(talked: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[Any] = []
    ask = talked.app.state.desk.today._counting._counter.count

    async def count(question: Any) -> Any:
        counted.append(question)
        return await ask(question)

    monkeypatch.setattr(talked.app.state.desk.today._counting._counter, "count", count)
    for _ in range(5):
        assert talked.program.get("/api/board").status_code == 200
    assert len(counted) == 1
    talked.clock.now += 3600
    for _ in range(200):            # what was counted last is shown while it is counted anew
        talked.program.get("/api/board")
        if len(counted) > 1:
            break
    talked.program.get("/api/board")
    assert len(counted) == 2


def test_board__control_and_database_away(talked: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    talked.control.down = ControlAway("no answer")
    shown = talked.program.get("/api/board").json()
    assert shown["state"] == "away"
    (alarm,) = shown["alarms"]
    assert (alarm["code"], alarm["level"], set(alarm["words"])) == ("control_away", "bad", {"en", "ru"})
    assert talked.stranger.get("/api/board").status_code == 401


def test_reports__figures_and_their_calls(talked: Rig) -> None:
    shown = talked.program.get("/api/reports", params={**DAY, "by": ["queue", "hour"]}).json()
    figure = next(each for each in shown["figures"] if each["name"] == "service_level")
    assert (figure["formula"], figure["opened"]) == ("A(w <= T) / O", ["answered_in_time", "offered"])
    (cards,) = shown["reports"]["queue"]["groups"]
    assert cards["counts"]["answered_in_time"] == 2
    for count in ("answered_in_time", "offered", "handled", "visits"):
        listed = talked.program.get("/api/reports/calls", params={
            **DAY, "by": "queue", "group": "" if count == "visits" else "cards", "count": count}).json()
        expected = shown["reports"]["queue"]["total"]["counts"][count]
        assert (listed["count"], len(listed["items"]), listed["next_offset"]) == (expected, expected, None)
    assert {call["id"] for call in listed["items"]} == {f"call-{number}" for number in range(5)}
    late = talked.program.get("/api/reports/calls", params={**DAY, "count": "answered", "wait_from": 20, "wait_to": 60})
    assert [call["id"] for call in late.json()["items"]] == ["call-1", "call-0"]
    bar = next(bar for bar in shown["waits"] if bar["from_s"] == 30.0)
    assert bar["answered"] == 2


def test_reports__of_one_channel(talked: Rig, engine_of: Engine) -> None:
    """Two of the calls came as chats; an operator wrote in one of them 10 s after it came into the queue."""
    at = NOON + timedelta(seconds=10)
    said = MessageRow(id="call-0/m0", call_id="call-0", position=0, at=at, sender="anna", body="Good day")
    with engine_of.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE calls SET channel = 'web' WHERE id IN ('call-0', 'call-1')")
        write(connection, [Batch(messages=(said,))])
    shown = talked.program.get("/api/reports", params={**DAY, "by": ["queue", "channel"]}).json()
    groups = {group["key"]: group for group in shown["reports"]["channel"]["groups"]}
    assert {key: group["counts"]["visits"] for key, group in groups.items()} == {"web": 2, "voice": 3}
    assert groups["web"]["values"]["first_response"] == 10
    figure = next(each for each in shown["figures"] if each["name"] == "first_response")
    assert (figure["opened"], figure["formula"][:15]) == (["replies"], "mean over R of ")
    chats = talked.program.get("/api/reports", params={**DAY, "by": "queue", "channel": "web"}).json()
    assert chats["reports"]["queue"]["total"]["counts"]["offered"] == 2
    listed = talked.program.get("/api/reports/calls", params={**DAY, "count": "replies", "channel": ["web", "sip"]})
    assert [call["id"] for call in listed.json()["items"]] == ["call-0"]
    table = talked.program.get("/api/reports/table.csv", params={**DAY, "by": "channel", "channel": "voice"}).text
    assert [row.split(",")[0] for row in table.splitlines()] == ["\ufeffchannel", "voice", "(all)"]


def test_reports__a_list_comes_in_parts(talked: Rig) -> None:
    asked = {**DAY, "count": "visits", "limit": 2}
    seen = []
    offset: int | None = 0
    while offset is not None:
        page = talked.program.get("/api/reports/calls", params={**asked, "offset": offset}).json()
        seen += [call["id"] for call in page["items"]]
        offset = page["next_offset"]
    assert seen == [f"call-{number}" for number in (4, 3, 2, 1, 0)]


def test_reports__no_spreadsheet_runs_a_cell(talked: Rig, engine_of: Engine) -> None:
    subject = "=HYPERLINK(\"http://example.com\")"
    with engine_of.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE requests SET subject = ? WHERE call_id = 'call-0'", (subject,))
    answer = talked.program.get("/api/reports/table.csv", params={**DAY, "by": "topic"})
    assert answer.headers["content-disposition"] == 'attachment; filename="hotline-topic-2026-11-20.csv"'
    rows = answer.text.splitlines()
    assert rows[0].startswith("\ufefftopic,visits")
    assert "\"'" + subject.replace('"', '""') + '"' in answer.text
    assert not any(row.startswith(("=", '"=')) for row in rows)


def test_staffing__is_what_the_command_says(talked: Rig) -> None:
    """Four calls of noon on a mean day; nobody hung up, so it is Erlang C."""
    asked = {"from": "2026-11-20", "to": "2026-11-20", "level": 0.9, "shrinkage": 0.3}
    told = talked.program.get("/api/reports/staffing", params=asked).json()
    work, (noon,) = told["handle_time"], told["intervals"]
    assert (noon["time"][3:], noon["calls"], told["patience"]) == ("00", 4.0, None)
    assert 50 < work < 90
    made = plan(Traffic(4 / 1800, work), (Target("sl", 0.9),), 20.0, 0.3)
    assert (noon["operators"], noon["rostered"]) == (made.operators, made.rostered)
    assert noon["level"] == pytest.approx(made.service.service_level, abs=1e-4)
    assert told["formula"] == "1 - P_w·exp(-(n - a)·T/handle time)"
    assert talked.program.get("/api/reports/staffing", params={**asked, "queue": "loans"}).json()["intervals"] == []
    assert talked.program.get("/api/reports/staffing", params={**asked, "level": 1.5}).status_code == 422


@pytest.fixture
def engine_of(rig: Rig) -> Engine:
    return rig.engine


@pytest.mark.parametrize(("path", "more", "code"), [
    ("", {"from": "yesterday"}, "bad_period"), ("", {"from": "2026-11-21", "to": "2026-11-20"}, "bad_period"),
    ("", {"from": "2020-01-01", "to": "2026-11-20"}, "bad_period"), ("", {"line": "999"}, "unknown_line"),
    ("", {"from": "9999-12-31"}, "bad_period"), ("/calls", {"count": "nothing"}, "unknown_count"),
    ("/table.csv", {"from": "2026-11-20T00:00Z"}, "bad_period"),
    ("", {"from": "9999-01-01", "to": "9999-02-01"}, "bad_period"), ("", {"from": "0001-01-01"}, "bad_period")])
def test_reports__what_is_refused(rig: Rig, path: str, more: dict[str, str], code: str) -> None:
    answer = rig.program.get(f"/api/reports{path}", params=more)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("path", ["", "/table.csv", "/calls?count=visits", "/staffing"])
def test_reports__are_for_supervisors(rig: Rig, path: str) -> None:
    assert rig.logged_in("anna").get(f"/api/reports{path}").status_code == 403
    assert rig.stranger.get(f"/api/reports{path}").status_code == 401


def test_calls__by_topic_and_wait(rig: Rig) -> None:
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE calls SET wait_time = 90 WHERE id = 'call-2'")
        connection.exec_driver_sql("UPDATE requests SET subject = 'transfers' WHERE call_id = 'call-3'")

    def ids(**asked: Any) -> list[str]:
        return [call["id"] for call in rig.program.get("/api/calls", params=asked).json()["items"]]

    assert ids(wait_from=60) == ["call-2"]
    assert ids(wait_to=60) == ["call-4", "call-3", "call-1", "call-0"]
    assert ids(topic="transfers") == ["call-3"]
    assert ids(topic="lost card", wait_from=7.5, wait_to=8, queue="cards") == ["call-4", "call-1", "call-0"]


TAKEN = {"call": "call-4", "state": "connecting", "operator": "",
         "supervisors": [{"supervisor": "vera", "mode": "take", "state": "ringing"}]}
ENDED = {"call": "call-4", "state": "ended", "operator": "", "supervisors": []}


def test_interventions__say_who_it_was(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, take_call=TAKEN, hang_up_call=ENDED)
    admin = rig.logged_in("admin")
    assert admin.post("/api/calls/call-4/take", json={"to": "vera"}).json() == TAKEN
    assert admin.post("/api/calls/call-4/hang-up", json={"reason": "a prank"}).json() == ENDED
    kept = rig.app.state.desk.audit
    kept.flush()
    assert [(row.who, row.what, row.subject) for row in kept.kept.page(AuditFilter()).items[:2]] == [
        ("admin", "calls.hang_up", "call-4"), ("admin", "calls.take", "call-4")]
    assert asked == [("take_call", {"call": "call-4", "to": "vera", "by": "admin"}),
                     ("hang_up_call", {"call": "call-4", "reason": "a prank", "by": "admin"})]


@pytest.mark.parametrize(("path", "body"), [("take", {"to": "vera"}), ("hang-up", {"reason": "a prank"})])
def test_interventions__are_for_supervisors(rig: Rig, monkeypatch: pytest.MonkeyPatch, path: str, body: Any) -> None:
    asked = answers(rig, monkeypatch)
    assert rig.logged_in("anna").post(f"/api/calls/call-4/{path}", json=body).status_code == 403
    assert rig.program.post(f"/api/calls/call-4/{path}", json={}).status_code == 422
    assert asked == []


@pytest.mark.parametrize(("code", "status"), [("unknown_call", 404), ("not_takeable", 409), ("busy", 409)])
def test_interventions__what_control_refuses(rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    answers(rig, monkeypatch, take_call=ControlRefused(code, "a sentence"))
    answer = rig.program.post("/api/calls/call-4/take", json={"to": "vera"})
    assert (answer.status_code, answer.json()) == (status, {"code": code, "message": "a sentence"})
