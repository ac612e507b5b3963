"""Who may ask the desk for what."""

from pathlib import Path

import pytest

from tests.desk.desk_rig import PAGE, TOKEN, Rig
from tests.desk.route_roles import ELSEWHERE, TABLE, concrete

PROTECTED = [(method, concrete(path)) for (method, path), may in (TABLE | ELSEWHERE).items() if may.who != "anybody"]


def test_stranger__is_refused_everywhere(rig: Rig) -> None:
    for method, path in PROTECTED:
        _refused(rig, method, path)
    assert rig.control.asked == []


def _refused(rig: Rig, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
                    {"Authorization": "Bearer тест".encode()}, {"Cookie": "hotline_session=x.y"} | PAGE):
        answer = rig.stranger.request(method, path, headers=headers)
        assert answer.status_code == 401, (method, path)
        assert answer.json()["code"] == "not_logged_in"
        assert "WWW-Authenticate" in answer.headers, path


def test_every_route_of_the_api_needs_somebody(rig: Rig) -> None:
    described = rig.stranger.get("/openapi.json").json()["paths"]
    open_routes = {(method.upper(), path) for path, methods in described.items() for method in methods
                   if "401" not in methods[method]["responses"]}
    of_visitors = {("POST", "/api/chat/files"), ("GET", "/api/chat/files/{file}")}     # who have a token of their own
    assert open_routes == {("GET", "/health"), ("GET", "/api/try"), *of_visitors}


def test_login__gives_a_session(rig: Rig) -> None:
    client = rig.client()
    answer = client.post("/api/login", json={"login": "anna", "password": "anna's password"})
    assert answer.json() == {"name": "anna", "role": "operator", "expires_at": "1970-01-01T12:16:40Z",
                             "display_name": "Anna", "operator": True, "own_password": True,
                             "must_change": False}
    cookie = answer.headers["set-cookie"]
    for word in ("hotline_session=", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert word in cookie
    assert "Secure" not in cookie
    assert client.get("/api/session").json()["name"] == "anna"
    assert client.get("/api/queues").status_code == 200


def test_login__cookie_is_secure_over_https(rig: Rig) -> None:
    client = rig.client("https://desk.example")
    answer = client.post("/api/login", json={"login": "admin", "password": "admin's password"})
    assert "Secure" in answer.headers["set-cookie"]


def test_session__ends_in_time_and_at_logout(rig: Rig) -> None:
    client = rig.logged_in("anna")
    cookie = client.cookies["hotline_session"]
    rig.clock.now += 12 * 3600 - 1
    assert client.get("/api/session").status_code == 200
    rig.clock.now += 1
    assert client.get("/api/session").status_code == 401
    client = rig.logged_in("anna")
    cookie = client.cookies["hotline_session"]
    assert client.post("/api/logout").status_code == 204
    assert "hotline_session" not in client.cookies
    assert rig.stranger.get("/api/session", headers={"Cookie": f"hotline_session={cookie}"}).status_code == 401


@pytest.mark.parametrize("given", [{"login": "anna", "password": "boris's password"},
                                   {"login": "nobody", "password": "anna's password"}])
def test_login__wrong_name_and_wrong_password_look_the_same(rig: Rig, given: dict[str, str]) -> None:
    answer = rig.stranger.post("/api/login", json=given)
    assert answer.status_code == 401
    assert answer.json() == {"code": "wrong_login", "message": "Name or password is wrong."}
    assert "set-cookie" not in answer.headers


def test_login__attempts_are_limited_and_come_back(rig: Rig) -> None:
    wrong = {"login": "anna", "password": "guess"}
    assert [rig.stranger.post("/api/login", json=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    right = {"login": "anna", "password": "anna's password"}
    refused = rig.stranger.post("/api/login", json=right)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "12")
    rig.clock.now += 12
    assert rig.stranger.post("/api/login", json=right).status_code == 200
    assert rig.stranger.post("/api/login", json=wrong, headers=PAGE).status_code == 401


def test_operator__sets_their_own_status_only(rig: Rig) -> None:
    anna, admin = rig.logged_in("anna"), rig.logged_in("admin")
    body = {"status": "on_break"}
    assert anna.put("/api/operators/anna/status", json=body).status_code == 200
    refused = anna.put("/api/operators/boris/status", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert admin.put("/api/operators/boris/status", json=body).status_code == 200


def test_another_site__may_change_nothing(rig: Rig) -> None:
    anna = rig.logged_in("anna")
    body = {"status": "on_break"}
    foreign = anna.put("/api/operators/anna/status", json=body, headers={"Origin": "http://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    assert anna.put("/api/operators/anna/status", json=body, headers={"Origin": "null"}).status_code == 403
    own = anna.put("/api/operators/anna/status", json=body, headers={"Origin": "http://desk"})
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers




def test_another_page__can_not_use_the_cookie(rig: Rig) -> None:
    anna = rig.logged_in("anna")
    body = {"status": "on_break"}
    for lacking in ("Origin", "X-Hotline"):
        client = rig.client(headers={name: value for name, value in PAGE.items() if name != lacking},
                            cookies={"hotline_session": anna.cookies["hotline_session"]})
        answer = client.put("/api/operators/anna/status", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert client.get("/api/session").status_code == 200
    assert anna.put("/api/operators/anna/status", json=body, headers={"X-Hotline": "0"}).status_code == 403
    assert rig.control.asked == []


def test_origin__is_not_the_same_over_a_weaker_way(rig: Rig) -> None:
    client = rig.client("https://desk", headers=PAGE)
    given = {"login": "anna", "password": "anna's password"}
    assert client.post("/api/login", json=given).status_code == 403
    assert client.post("/api/login", json=given, headers={"Origin": "https://desk"}).status_code == 200


def test_login__over_https_has_a_cookie_that_no_other_host_can_set(rig: Rig) -> None:
    client = rig.client("https://desk", headers=PAGE | {"Origin": "https://desk"})
    answer = client.post("/api/login", json={"login": "anna", "password": "anna's password"})
    assert answer.headers["set-cookie"].startswith("__Host-hotline_session=")
    assert "Domain" not in answer.headers["set-cookie"]
    cookie = client.cookies["__Host-hotline_session"]
    assert client.get("/api/session").status_code == 200
    plain = rig.client("https://desk", cookies={"hotline_session": cookie})
    assert plain.get("/api/session").status_code == 401


def test_login__again_gives_another_session_and_ends_the_first(rig: Rig) -> None:
    client = rig.client(headers=PAGE, cookies={"hotline_session": "chosen.byanother"})
    given = {"login": "anna", "password": "anna's password"}
    first = client.post("/api/login", json=given).cookies["hotline_session"]
    second = client.post("/api/login", json=given).cookies["hotline_session"]
    assert len({first, second, "chosen.byanother"}) == 3
    assert [rig.client(cookies={"hotline_session": one}).get("/api/session").status_code
            for one in (first, second)] == [401, 200]


def test_session__asked_quietly_nobody_is_no_fault(rig: Rig) -> None:
    answer = rig.stranger.get("/api/session?quiet=true")
    assert (answer.status_code, answer.content) == (204, b"")
    assert rig.stranger.get("/api/session?quiet=true", headers={"Authorization": "Bearer wrong"}).status_code == 204


def test_logout__holds_for_the_next_process_too(rig: Rig, tmp_path: Path) -> None:
    anna, boris = rig.logged_in("anna"), rig.logged_in("boris")
    copied = anna.cookies["hotline_session"]
    assert anna.post("/api/logout").status_code == 204
    again = Rig(tmp_path, rig.engine)
    assert again.client(cookies={"hotline_session": copied}).get("/api/session").status_code == 401
    kept = again.client(cookies={"hotline_session": boris.cookies["hotline_session"]})
    assert kept.get("/api/session").status_code == 200
    again.close()
    assert (tmp_path / "ended-sessions.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "ended-sessions.json").write_text("[spoilt")
    Rig(tmp_path, rig.engine).close()
