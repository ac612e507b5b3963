"""The audit log: what is in it, what is not, and what becomes of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desk import audit as audit_log
from desk.audit import audit
from desk.audit_keeping import forget
from ivr.drivers.control_link import ControlRefused
from tests.desk.desk_rig import PAGE, TOKEN, Rig


def noted(rig: Rig, **wanted: Any) -> list[tuple[str, str, str, Any]]:
    rows = rig.program.get("/api/audit", params=wanted).json()["items"]
    return [(row["who"], row["what"], row["subject"], row["after"]) for row in reversed(rows)]


def test_audit__logins_and_those_that_were_refused(rig: Rig) -> None:
    for login in ("anna", "hunter2"):
        rig.stranger.post("/api/login", json={"login": login, "password": "wrong"})
    rig.logged_in("anna").post("/api/logout")
    host = {"host": "127.0.0.1"}
    assert noted(rig) == [("", "login.refused", "anna", host), ("", "login.refused", "", host),
                          ("anna", "login", "", host), ("anna", "logout", "", None)]


def test_audit__what_people_and_programs_do_to_others(rig: Rig) -> None:
    olga, anna = rig.logged_in("olga"), rig.logged_in("anna")
    olga.put("/api/operators/anna/status", json={"status": "on_break", "reason": "lunch"})
    anna.put("/api/operators/anna/status", json={"status": "available"})       # her own is no matter for it
    made = rig.program.post("/api/tokens", json={"name": "crm"}).json()
    rig.program.delete(f"/api/tokens/{made['id']}")
    anna.put("/api/operators/boris/status", json={"status": "on_break"})       # refused: nothing was done
    assert noted(rig)[2:] == [
        ("olga", "operators.status", "anna", {"status": "on_break", "reason": "lunch"}),
        ("api", "tokens.make", "crm", {"id": made["id"], "role": "operator", "days": 365}),
        ("api", "tokens.withdraw", "crm", None)]
    assert [row[1] for row in noted(rig, what="tokens.")] == ["tokens.make", "tokens.withdraw"]
    assert [row[1] for row in noted(rig, who="olga")] == ["login", "operators.status"]
    assert [row[1] for row in noted(rig, subject="anna", limit=1)] == ["operators.status"]
    assert noted(rig, since="2030-01-01T00:00:00Z") == []


def test_audit__orders_captures_transfers_and_supervision(rig: Rig) -> None:
    async def answer(op: str, **given: Any) -> dict[str, Any]:
        if op == "refused":
            raise ControlRefused("no", "no")
        if op in ("order_line", "take_back_order"):
            return {"orders": []}
        if op == "begin_capture":
            return {"capture": 1, "state": "waiting", "call": "", "file": "/var/x.pcap"}
        if op == "supervise":
            return {"call": "c1-in-full", "supervisors": []}
        return {"call": "c1-in-full", "state": "referred", "operator": "anna", "target": given["target"]}

    rig.control.call = answer     # type: ignore[method-assign]
    program, anna = rig.program, rig.logged_in("anna")
    program.put("/api/lines/100/closure", json={"prompt": "closed", "by": "ivan"})
    program.delete("/api/lines/100/closure")
    program.post("/api/captures", json={"which": "number", "value": "+79161234567"})
    program.put("/api/calls/c1/supervisors/olga", json={"mode": "whisper"})
    program.post("/api/calls/c1/transfer", json={"target": "+79161234567"})
    anna.post("/api/calls/c1/transfer", json={"target": "boris"})      # in the course of her call: its entries tell
    assert noted(rig)[1:] == [
        ("api", "lines.closure", "100", {"prompt": "closed", "by": "ivan", "until": None, "for_s": None}),
        ("api", "lines.closure_ended", "100", {"by": "api"}),
        ("api", "captures.begin", "number", {"capture": 1, "rtp": False, "file": "/var/x.pcap"}),
        ("api", "calls.supervise", "c1-in-full", {"supervisor": "olga", "mode": "whisper"}),
        ("api", "calls.transfer", "c1-in-full", {"target": "…67", "attended": False})]
    with rig.engine.connect() as connection:
        assert "7916" not in str(connection.execute(text("SELECT * FROM audit")).all())


def test_audit__holds_no_secret_and_no_end_of_text(rig: Rig) -> None:
    audit(rig.app.state.desk, "a" * 500, "menus.publish", "x" * 5000, {"text": "y" * 5000, "password": "hunter2"},
          {"deep": {"api_token": "hunter3", "list": ["z" * 5000, {"pin": 1}, None, 2.5]}, "n\0ul": "\ud800",
           **{f"key{number}": number for number in range(500)}})
    [row] = rig.program.get("/api/audit").json()["items"]
    assert "hunter" not in str(row)
    assert (len(row["who"]), len(row["subject"]), len(row["before"]["text"]), len(row["after"])) == (128, 500, 500, 50)
    assert row["after"]["deep"] == {"api_token": "…", "list": ["z" * 500, {"pin": "…"}, None, 2.5]}
    for secret in (TOKEN, "hotline_session"):
        assert secret not in str(row)


def test_audit__is_of_administrators(rig: Rig) -> None:
    assert [rig.logged_in(name).get("/api/audit").status_code for name in ("anna", "olga", "admin")] == [403, 403, 200]
    assert rig.program.get("/api/audit", params={"cursor": "x"}).status_code == 400


def test_audit__waits_while_the_database_is_away(rig: Rig) -> None:
    with rig.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    rig.program.post("/api/tokens", json={"name": "crm"})
    rig.app.state.desk.audit.flush()
    assert rig.program.get("/api/audit").status_code == 503
    with rig.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO audit"))
    assert [row[1] for row in noted(rig)] == ["tokens.make"]


def test_audit__of_more_than_can_wait_the_log_knows(rig: Rig, monkeypatch: pytest.MonkeyPatch,
                                                     caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(audit_log, "MOST_WAITING", 3)
    with rig.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    with caplog.at_level("INFO"):
        for number in range(5):
            audit(rig.app.state.desk, "olga", f"test.{number}")
            rig.app.state.desk.audit.flush()
    with rig.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO audit"))
    assert [row[1] for row in noted(rig)] == ["test.0", "test.1", "test.2"]
    assert sum(record.name.endswith("audit") and record.getMessage() == "audit" for record in caplog.records) == 5


def test_audit__an_attack_does_not_fill_it(rig: Rig) -> None:
    limit = rig.app.state.desk.limit
    assert sum(limit.is_told(1000.0) for _ in range(500)) == 100
    assert limit.is_told(1030.0)


def test_audit__is_kept_for_so_long(rig: Rig) -> None:
    desk = rig.app.state.desk
    audit(desk, "olga", "old")
    rig.program.post("/api/tokens", json={"name": "old", "days": 1})
    rig.clock.now += 300 * 86400
    audit(desk, "olga", "newer")
    desk.audit.flush()
    rig.clock.now += 150 * 86400
    forget(desk)
    assert [row[1] for row in noted(rig)] == ["newer"]
    assert rig.program.get("/api/tokens").json()["tokens"] == []
    assert datetime.fromtimestamp(rig.clock.now, UTC).year == 1971


def test_audit__recordings_that_were_heard_by_whichever_part(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "r1.wav").write_bytes(b"RIFF" + bytes(400))
    with rig.engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO recordings (id, call_id, revision, queue, operator, why, by, format, file, began_at, "
            "ended_at, seconds, octets, muted, reason, failed) VALUES ('r1', 'call-1', 1, 'cards', 'anna', 'always', "
            "'', 'wav', 'r1.wav', :at, :at, 1, 404, '[]', '', 0)"), {"at": "2026-11-20 12:00:00.000000"})
    olga = rig.logged_in("olga")
    for part in ("bytes=4-", "bytes=0-99", "bytes=100-"):       # a player asks for many; the first one counts
        assert olga.get("/api/recordings/r1/audio", headers={"Range": part}).status_code == 206
    assert rig.client(headers=PAGE).get("/api/recordings/r1/audio").status_code == 401
    assert rig.logged_in("anna").get("/api/recordings/r1/audio").status_code == 403
    assert noted(rig, what="recordings.heard") == [("olga", "recordings.heard", "r1", {"call": "call-1"})]
