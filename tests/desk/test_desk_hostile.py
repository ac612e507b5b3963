"""What callers, strangers and foreign pages try: scripts in names, paths out of folders, bodies without end, headers
inside of names, cookies of others, passwords by the thousand."""

import base64
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from desk import audit as audit_log
from ivr.drivers import secrets_file
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.secrets_file import WebLogin
from routing.requests.transaction import write
from tests.desk.desk_rig import PAGE, Rig, visit

SCRIPTS = ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "javascript:alert(1)",
           "</script><svg/onload=alert(1)>", "{{7*7}}${7*7}", "\u202e<b>\u2066", "a\r\nX-Injected: 1",
           "=cmd|' /C calc'!A1")


def test_xss__what_a_caller_sets_comes_back_as_the_same_text(rig: Rig) -> None:
    for revision, script in enumerate(SCRIPTS):
        _comes_back(rig, script, revision)


def _comes_back(rig: Rig, script: str, revision: int) -> None:
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text("UPDATE people SET caller_name = :s, caller_number = :s, callback_number = :s, "
                                "filled = :filled"), {"s": script, "filled": json.dumps({"field": script})})
        connection.execute(text("UPDATE requests SET subject = :s, language = :s"), {"s": script})
        connection.execute(text("UPDATE calls SET dialled = :s, sip_call_id = :s, reason = :s"), {"s": script})
        connection.execute(text("UPDATE entries SET details = :d"), {"d": json.dumps({"said": script})})
        connection.execute(text("UPDATE traces SET rows = :r"), {"r": json.dumps([[0.0, script, script, script]])})
    rig.program.request("PATCH", "/api/requests/request-1", json={"revision": revision, "note": script})
    for path in ("/api/calls", "/api/calls/call-1", "/api/requests", "/api/requests/request-1",
                 "/api/requests/request-1/changes"):
        answer = rig.program.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "x-injected" not in answer.headers
    [row] = [row for row in rig.program.get("/api/calls").json()["items"] if row["id"] == "call-1"]
    assert (row["caller_name"], row["caller_number"], row["dialled"]) == (script, script, script)
    assert rig.program.get("/api/requests/request-1").json()["note"] == script


def test_xss__what_is_asked_for_is_never_answered_as_a_page(rig: Rig) -> None:
    script = "<script>alert(1)</script>"
    for method, path, options in (
            ("GET", f"/{script}", {}), ("GET", f"/api/calls/{script}", {}), ("GET", f"/api/nothing?x={script}", {}),
            ("GET", f"/api/calls?cursor={script}", {}), ("GET", f"/api/calls?limit={script}", {}),
            ("POST", "/api/login", {"json": {"login": script}}),
            ("PUT", f"/api/operators/{script}/status", {"json": {}}),
            ("GET", "/api/calls", {"headers": {"Accept": "text/html"}})):
        answer = rig.program.request(method, path, **options)
        assert answer.headers["content-type"] == "application/json", path
        assert answer.headers["x-content-type-options"] == "nosniff"


CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", "/api/operators/boris/status", {"status": "on_break"}), ("POST", "/api/tokens", {"name": "evil"}),
    ("PATCH", "/api/requests/request-1", {"revision": 0, "note": "evil"}), ("DELETE", "/api/recordings/one", None),
    ("POST", "/api/password", {"old": "admin's password", "new": "evil evil evil"}), ("POST", "/api/logout", None)]


FOREIGN: list[dict[str, str]] = [
    {}, {"Origin": "http://evil.example"}, {"Origin": "http://evil.example", "X-Hotline": "1"},
    {"Origin": "null", "X-Hotline": "1"}, {"X-Hotline": "1"}, {"Origin": "http://desk"},
    {"Origin": "http://desk.evil.example", "X-Hotline": "1"}, {"Origin": "http://desk:81", "X-Hotline": "1"},
    {"Origin": "http://evil@desk", "X-Hotline": "1"}, {"Origin": "http://desk", "X-Hotline": "1, 1"},
    {"Origin": "http://[", "X-Hotline": "1"}, {"Origin": "", "X-Hotline": "1"},
    {"Referer": "http://desk/", "X-Hotline": "1"}, {"Origin": "http://desk", "Content-Type": "text/plain"}]


def test_csrf__a_foreign_page_changes_nothing(rig: Rig) -> None:
    cookie = rig.logged_in("admin").cookies["hotline_session"]
    victim = rig.client(cookies={"hotline_session": cookie})
    for headers in FOREIGN:
        for method, path, body in CHANGES:
            answer = victim.request(method, path, headers=headers,
                                    content=json.dumps(body).encode() if body is not None else b"")
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), (path, headers)
            assert "access-control-allow-origin" not in answer.headers
    assert rig.control.asked == []
    assert victim.get("/api/session").status_code == 200


def test_csrf__a_preflight_is_not_answered(rig: Rig) -> None:
    answer = rig.stranger.request("OPTIONS", "/api/tokens", headers={
        "Origin": "http://evil.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-hotline"})
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_cookie__of_one_is_not_made_into_that_of_another(rig: Rig) -> None:
    anna = rig.logged_in("anna").cookies["hotline_session"]
    boris = rig.logged_in("boris").cookies["hotline_session"]
    payload, mac = anna.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))

    def forged(**changed: Any) -> str:
        said = json.dumps({**claims, **changed}).encode()
        return base64.urlsafe_b64encode(said).decode().rstrip("=")

    for cookie in (f"{forged(n='admin')}.{mac}", f"{forged(e=9e12)}.{mac}", f"{forged(n='admin')}.", f"{payload}.",
                   f"{boris.split('.')[0]}.{mac}", f"{forged(n=None)}.{mac}", f"{forged(n=['admin'])}.{mac}",
                   f"{forged(e='inf')}.{mac}", f"{forged(e=[])}.{mac}", "admin", mac, f"{anna}.{mac}", f" {anna}x"):
        answer = rig.client(cookies={"hotline_session": cookie}).get("/api/session")
        assert answer.status_code == 401, cookie


def test_cookie__of_two_none_opens_more_than_it_may(rig: Rig) -> None:
    anna, admin = (rig.logged_in(name).cookies["hotline_session"] for name in ("anna", "admin"))
    for cookies in (f"hotline_session={anna}; hotline_session=x", f"hotline_session=x; hotline_session={anna}",
                    f"hotline_session={anna}; __Host-hotline_session={admin}"):
        answer = rig.client().get("/api/audit", headers={"Cookie": cookies})
        assert answer.status_code in (401, 403)
    # a token that is wrong is not made good by a cookie
    both = {"Cookie": f"hotline_session={admin}", "Authorization": "Bearer wrong"}
    assert rig.client().get("/api/audit", headers=both).status_code == 401


def test_session__of_a_login_that_is_gone_or_has_another_role(rig: Rig) -> None:
    olga = rig.logged_in("olga")
    assert olga.get("/api/trunks").status_code == 200
    before = rig.logins["olga"]
    rig.logins["olga"] = WebLogin("olga", "operator", before.argon2, None)
    assert olga.get("/api/trunks").status_code == 403
    del rig.logins["olga"]
    assert olga.get("/api/session").status_code == 401


TRAVERSALS = ("../secrets.json", "..%2fsecrets.json", "%2e%2e%2fsecrets.json", "..%5csecrets.json",
              "%252e%252e%252fsecrets.json", "....//secrets.json", "/etc/passwd", "%2fetc%2fpasswd", "x%00.wav", ".",
              "..", "~root", "file:%2f%2f%2fetc%2fpasswd", "one%0d%0aX-Injected: 1")


def test_paths__lead_nowhere_else(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("not for you")
    rig.control.down = ControlRefused("unknown_call", "there is none")
    for where in ("/api/recordings/{}", "/api/recordings/{}/audio", "/api/captures/{}", "/api/calls/{}",
                  "/api/requests/{}", "/assets/{}", "/{}", "/admin/{}"):
        for path in TRAVERSALS:
            answer = rig.program.get(where.format(path))
            assert answer.status_code < 500, (where, path)
            assert "not for you" not in answer.text
            assert "root:" not in answer.text
            assert "x-injected" not in answer.headers


def test_paths__a_recording_whose_row_points_elsewhere_is_not_read(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    (tmp_path / "secrets.json").write_text("not for you")
    (tmp_path / "recordings" / "link.wav").symlink_to(tmp_path / "secrets.json")
    for number, file in enumerate(("../secrets.json", str(tmp_path / "secrets.json"), "link.wav", "", ".", "a\0b")):
        _recorded(rig, f"r{number}", file.replace("\0", "\ufffd"))
        answer = rig.program.get(f"/api/recordings/r{number}/audio")
        assert (answer.status_code, "not for you" in answer.text) == (404, False), file


def test_download__a_name_puts_no_header_into_the_answer(rig: Rig, tmp_path: Path) -> None:
    name = 'a"; filename=evil.exe\r\nX-Injected: 1;ж.wav'
    (tmp_path / "recordings").mkdir()
    with wave.open(str(tmp_path / "recordings" / name), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0" * 320)
    _recorded(rig, "r1", name)
    answer = rig.program.get("/api/recordings/r1/audio")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert "x-injected" not in answer.headers
    assert "\n" not in answer.headers["content-disposition"]
    assert answer.headers["content-disposition"].startswith("inline; filename*=utf-8''")
    assert answer.headers["x-content-type-options"] == "nosniff"


def _recorded(rig: Rig, name: str, file: str) -> None:
    values = {"id": name, "file": file, "at": "2026-11-20 12:00:00.000000"}
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text(
            "INSERT INTO recordings (id, call_id, revision, queue, operator, why, by, format, file, began_at, "
            "ended_at, seconds, octets, muted, reason, failed) VALUES (:id, 'call-1', 1, 'cards', 'anna', 'always', "
            "'', 'wav', :file, :at, :at, 1, 1, '[]', '', 0)"), values)


def test_body__without_end_is_cut(rig: Rig) -> None:
    json_type = {"Content-Type": "application/json"}
    for method, path in (("POST", "/api/login"), ("POST", "/api/tokens"), ("PATCH", "/api/requests/request-1"),
                         ("PUT", "/api/operators/anna/status")):
        assert rig.program.request(method, path, content=b"x" * 70_000, headers=json_type).status_code == 413
        for body in (b"[" * 60_000, b'{"a":' * 10_000, b"\xff\xfe", b"null", b"[]", b'"x"', b"1e999", b'{"login": NaN}',
                     b'{"login": "\\ud800", "password": "\\ud800", "name": "\\ud800", "status": "\\ud800"}'):
            answer = rig.program.request(method, path, content=body, headers=json_type)
            assert answer.status_code in (400, 422), (path, body[:20], answer.text)
            assert answer.json()["code"]


def test_login__half_a_letter_is_no_password(rig: Rig) -> None:
    for login, password in (("anna", "\ud800"), ("\ud800", "x"), ("nobody", "\udfff" * 5), ("\0", "\0")):
        body = json.dumps({"login": login, "password": password}).encode()
        answer = rig.client().post("/api/login", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (401, 422)


def test_login__names_that_exist_and_that_do_not_cost_the_same_work(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def counted(kept: str, password: str) -> bool:
        hashed.append(kept.rsplit("$", 2)[0])           # algorithm and its cost
        return False

    rig.logins["given"] = WebLogin("given", "operator", None, "a password in a file")
    monkeypatch.setattr(secrets_file, "verify", counted)
    answers = []
    for login in ("anna", "nobody", "given"):
        answers.append(rig.client().post("/api/login", json={"login": login, "password": "guess"}))
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert len(hashed) == 3
    assert len(set(hashed)) == 1


def test_login__guessing_is_slow_from_one_address_and_from_many(rig: Rig) -> None:
    for name in ("anna", "nobody"):
        rig.forget_attempts()
        got = [rig.client().post("/api/login", json={"login": name, "password": f"guess {number}"}).status_code
               for number in range(7)]
        assert got == [401] * 5 + [429] * 2, name


def test_password__the_old_one_is_not_guessed_faster_than_a_login(rig: Rig) -> None:
    anna = rig.logged_in("anna")
    got = [anna.post("/api/password", json={"old": f"guess {number}", "new": "long enough"}).status_code
           for number in range(7)]
    assert got == [403] * 5 + [429] * 2


def test_headers__of_a_proxy_are_not_believed_without_one(rig: Rig) -> None:
    """uvicorn reads them where `web.behind_proxy` says so, and nothing else does."""
    wrong = {"login": "anna", "password": "guess"}
    for number in range(5):
        rig.client().post("/api/login", json=wrong, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    answer = rig.client().post("/api/login", json=wrong, headers={"X-Forwarded-For": "192.0.2.99"})
    assert answer.status_code == 429
    host = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert "evil" not in str(dict(rig.program.get("/api/calls", headers=host).headers))


def test_audit__a_name_typed_by_a_stranger_is_not_kept(rig: Rig) -> None:
    rig.client().post("/api/login", json={"login": "my secret password", "password": "x"})
    rig.app.state.desk.audit.flush()
    with rig.engine.connect() as connection:
        assert "my secret" not in str(connection.execute(text("SELECT * FROM audit")).all())
    assert audit_log.without_digits("call +7 (916) 123-45-67, 100, 12345") == "call …67, 100, 12345"


def test_request__of_a_caller_with_everything_hostile_can_be_worked_on(rig: Rig) -> None:
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [visit(7)])
        connection.execute(text("UPDATE people SET caller_name = :s WHERE call_id = 'call-7'"), {"s": "\u0000<'\"&\\"})
    assert rig.logged_in("anna").get("/api/requests/request-7").status_code == 200
    assert rig.client(headers=PAGE).get("/api/requests/request-7").status_code == 401
