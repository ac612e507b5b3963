"""What operators see and may, what supervisors do, and passwords that people choose."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from ivr.base.config import Config
from ivr.base.config_checks import check
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.secrets_file import open_secrets
from tests.desk.desk_rig import PAGE, Rig


def config(**given: Any) -> Config:
    return Config.model_validate({"lines": [{"numbers": "100", "menu": "bank.yaml"}]} | given)


def test_config__roles_of_operators_and_of_people(tmp_path: Path) -> None:
    opened = open_secrets(config(
        state_dir=str(tmp_path / "var"), operators={"anna": {"role": "supervisor"}, "boris": {}},
        web={"people": {"olga": {}, "petr": {"role": "admin"}}}), {})
    assert {name: login.role for name, login in opened.secrets.web.items()} == {
        "admin": "admin", "anna": "supervisor", "boris": "operator", "olga": "supervisor", "petr": "admin"}
    made = {(one.owner, one.use): one.password for one in opened.made}
    assert opened.secrets.web["olga"].accepts(made["olga", "web"])
    assert "olga" not in opened.secrets.sip


def test_config__a_login_is_one_person() -> None:
    given = config(operators={"anna": {}}, accounts={"olga": {}},
                   web={"people": {"anna": {}, "admin": {}, "olga": {}}})
    found = {finding.code: finding.path for finding in check(given)}
    assert found["person-is-operator"] == ("web", "people", "anna")
    assert found["person-is-admin"] == ("web", "people", "admin")
    assert not any("olga" in finding.path for finding in check(given))      # her own phone


def test_operator__sees_calls_and_requests_of_their_own_and_of_their_queues(rig: Rig) -> None:
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text("UPDATE calls SET queue = 'loans', operator = '' WHERE id = 'call-0'"))
        connection.execute(text("UPDATE requests SET queue = 'loans', operator = '' WHERE id = 'request-0'"))
        connection.execute(text("UPDATE calls SET queue = 'loans', operator = 'anna' WHERE id = 'call-1'"))
        connection.execute(text("UPDATE calls SET operator = '' WHERE id = 'call-2'"))
        connection.execute(text("UPDATE calls SET queue = '', operator = '' WHERE id = 'call-3'"))
    seen = {name: {row["id"] for row in rig.logged_in(name).get("/api/calls").json()["items"]}
            for name in ("anna", "boris", "olga")}
    assert seen == {"anna": {"call-1", "call-2", "call-4"}, "boris": {"call-0", "call-1"},
                    "olga": {f"call-{number}" for number in range(5)}}
    anna = rig.logged_in("anna")
    assert {row["id"] for row in anna.get("/api/requests").json()["items"]} == {
        f"request-{number}" for number in range(1, 5)}
    for path in ("calls/call-0", "calls/call-3", "requests/request-0", "requests/request-0/changes",
                 "requests/request-0/related"):
        assert anna.get(f"/api/{path}").status_code == 404
        assert rig.logged_in("olga").get(f"/api/{path}").status_code == 200
    change = {"revision": 0, "note": "mine now"}
    assert anna.request("PATCH", "/api/requests/request-0", json=change).status_code == 404
    assert anna.request("PATCH", "/api/requests/request-1", json=change).json()["note"] == "mine now"


def test_operator__sees_neither_who_listened_nor_how_phones_are_reached(rig: Rig) -> None:
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text("UPDATE entries SET kind = 'supervision_began' WHERE id = 'e1b'"))
    seen = rig.logged_in("anna").get("/api/calls/call-1").json()
    assert ([entry["kind"] for entry in seen["entries"]], seen["trace"], seen["ladder"]) == (["call_offered"], [], "")
    seen = rig.logged_in("olga").get("/api/calls/call-1").json()
    assert [entry["kind"] for entry in seen["entries"]] == ["call_offered", "supervision_began"]
    assert "INVITE" in seen["ladder"]


def test_operator__passes_a_request_on_and_sees_it_no_more(rig: Rig) -> None:
    boris = rig.logged_in("boris")
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text("UPDATE requests SET queue = 'loans', operator = '' WHERE id = 'request-0'"))
    passed = boris.request("PATCH", "/api/requests/request-0", json={"revision": 0, "queue": "cards"})
    assert (passed.status_code, passed.json()["queue"]) == (200, "cards")
    assert boris.get("/api/requests/request-0").status_code == 404


def test_operator__asks_about_themselves_and_sees_their_own_phone(rig: Rig) -> None:
    async def answer(op: str, **arguments: Any) -> dict[str, Any]:
        if op == "why":
            return {"operator": arguments["operator"], "why": "free"}
        return {"phones": [{"account": name, "operator": True, "contacts": []} for name in ("anna", "boris")]}

    rig.control.call = answer     # type: ignore[method-assign]
    anna = rig.logged_in("anna")
    assert [phone["account"] for phone in anna.get("/api/phones").json()["phones"]] == ["anna"]
    assert len(rig.logged_in("olga").get("/api/phones").json()["phones"]) == 2
    assert [anna.get(f"/api/operators/{name}/why").status_code for name in ("anna", "boris")] == [200, 403]
    assert rig.logged_in("olga").get("/api/operators/boris/why").status_code == 200


def test_operator__ends_callbacks_of_their_queues(rig: Rig) -> None:
    left = {"state": "waiting", "attempts": 0, "waited_s": 1.0}
    asked = []

    async def answer(op: str, **arguments: Any) -> dict[str, Any]:
        asked.append((op, arguments.get("request")))
        return {"callbacks": [{"request": "aa1", "queue": "cards", **left},
                              {"request": "ab2", "queue": "loans", **left}]}

    rig.control.call = answer     # type: ignore[method-assign]
    anna = rig.logged_in("anna")
    assert [one["request"] for one in anna.get("/api/callbacks").json()["callbacks"]] == ["aa1"]
    assert [anna.delete(f"/api/callbacks/{request}").status_code for request in ("ab2", "a", "c", "aa")] == [404] * 3 \
        + [200]
    assert ("cancel_callback", "aa") in asked
    assert not {("cancel_callback", "a"), ("cancel_callback", "ab2")} & set(asked)


def test_supervisor__listens_on_their_own_phone_only(rig: Rig) -> None:
    async def answer(op: str, **arguments: Any) -> dict[str, Any]:
        raise ControlRefused("unknown_call", "there is no such call")

    rig.control.call = answer     # type: ignore[method-assign]
    statuses = {who: [rig.logged_in(who).put(f"/api/calls/c1/supervisors/{name}", json={}).status_code
                      for name in ("olga", "boris")] for who in ("anna", "olga", "admin")}
    assert statuses == {"anna": [403, 403], "olga": [404, 403], "admin": [404, 404]}


def test_supervisor__sets_anybodys_status_and_closes_no_line(rig: Rig) -> None:
    olga = rig.logged_in("olga")
    assert olga.put("/api/operators/boris/status", json={"status": "on_break"}).status_code == 200
    assert rig.control.asked[-2] == ("set_status", {"operator": "boris", "status": "on_break", "reason": "",
                                                    "by": "olga"})
    assert olga.put("/api/lines/100/closure", json={}).status_code == 403
    assert olga.get("/api/captures").status_code == 403
    assert olga.get("/api/session").json()["operator"] is False


def test_password__chosen_ends_the_other_sessions(rig: Rig, tmp_path: Path) -> None:
    made = open_secrets(rig.config, {})
    rig.logins.update(made.secrets.web)
    first = {one.owner: one.password for one in made.made if one.use == "web"}
    here, there = rig.client(headers=PAGE), rig.client(headers=PAGE)
    for client in (here, there):
        assert client.post("/api/login", json={"login": "anna", "password": first["anna"]}).status_code == 200
    before = here.cookies["hotline_session"]
    chosen = {"old": first["anna"], "new": "correct horse battery"}
    assert here.post("/api/password", json={"old": "wrong", "new": chosen["new"]}).status_code == 403
    assert here.post("/api/password", json={"old": first["anna"], "new": first["anna"]}).status_code == 409
    assert here.post("/api/password", json={"old": first["anna"], "new": "short"}).status_code == 422
    assert here.post("/api/password", json=chosen).status_code == 204
    assert here.cookies["hotline_session"] != before
    assert [client.get("/api/session").status_code for client in (here, there)] == [200, 401]
    assert "correct" not in (tmp_path / "secrets.json").read_text()
    passwords = (tmp_path / "first-passwords.txt").read_text()
    assert first["anna"] not in passwords
    assert first["boris"] in passwords
    again = open_secrets(rig.config, {})
    assert (again.made, again.secrets.web["anna"].accepts(chosen["new"])) == ((), True)


def test_password__given_by_the_configuration_is_changed_there(rig: Rig) -> None:
    rig.logins["anna"] = type(rig.logins["anna"])("anna", "operator", None, "given in a file")
    anna = rig.client(headers=PAGE)
    anna.post("/api/login", json={"login": "anna", "password": "given in a file"})
    answer = anna.post("/api/password", json={"old": "given in a file", "new": "another of mine"})
    assert (answer.status_code, answer.json()["code"]) == (409, "given")
    assert anna.get("/api/session").json()["own_password"] is False


def test_password__programs_have_none(rig: Rig) -> None:
    assert rig.program.post("/api/password", json={"old": "x", "new": "long enough"}).status_code == 403
