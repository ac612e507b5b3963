"""Who may ask the desk for what."""


import pytest

from tests.desk.desk_rig import TOKEN, Rig

PROTECTED = [("GET", "/api/calls"), ("GET", "/api/calls/call-1"), ("GET", "/api/requests"),
             ("GET", "/api/requests/request-1"), ("PATCH", "/api/requests/request-1"),
             ("GET", "/api/requests/request-1/changes"), ("GET", "/api/requests/request-1/related"),
             ("GET", "/api/topics"),
             ("GET", "/api/operators"), ("PUT", "/api/operators/anna/status"),
             ("GET", "/api/operators/anna/why"), ("DELETE", "/api/operators/anna/wrap-up"),
             ("GET", "/api/queues"), ("GET", "/api/trunks"), ("GET", "/api/phones"), ("GET", "/api/menus"),
             ("GET", "/api/lines"), *((method, f"/api/lines/100/{kind}") for method in ("PUT", "DELETE")
                                      for kind in ("announcement", "closure")),
             ("GET", "/api/callbacks"), ("DELETE", "/api/callbacks/left-1"), ("POST", "/api/callbacks/left-1/now"),
             ("GET", "/api/captures"),
             ("POST", "/api/captures"), ("GET", "/api/captures/1"), ("DELETE", "/api/captures/1"),
             ("GET", "/api/calls/call-1/supervisors"), ("PUT", "/api/calls/call-1/supervisors/anna"),
             ("DELETE", "/api/calls/call-1/supervisors/anna"),
             ("POST", "/api/calls/call-1/transfer"), ("POST", "/api/calls/call-1/consultation"),
             ("POST", "/api/calls/call-1/recording"), ("DELETE", "/api/calls/call-1/recording"),
             ("GET", "/api/recordings"), ("GET", "/api/recordings/one"), ("DELETE", "/api/recordings/one"),
             ("GET", "/api/recordings/one/audio"),
             ("GET", "/api/session"), ("POST", "/api/logout"), ("GET", "/metrics")]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_stranger__is_refused_everywhere(rig: Rig, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
                    {"Authorization": "Bearer тест".encode()}, {"Cookie": "hotline_session=x.y"}):
        answer = rig.stranger.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_logged_in"
        assert "WWW-Authenticate" in answer.headers
    assert rig.control.asked == []


def test_every_route_of_the_api_needs_somebody(rig: Rig) -> None:
    described = rig.stranger.get("/openapi.json").json()["paths"]
    open_routes = {(method.upper(), path) for path, methods in described.items() for method in methods
                   if "401" not in methods[method]["responses"]}
    assert open_routes == {("GET", "/health")}
    closed = {(method.upper(), path) for path, methods in described.items() for method in methods} - open_routes
    patterns = {(method, path.replace("call-1", "{call_id}").replace("request-1", "{request_id}")
                 .replace("callbacks/left-1", "callbacks/{request}")
                 .replace("anna", "{name}").replace("captures/1", "captures/{number}")
                 .replace("recordings/one", "recordings/{recording}")
                     .replace("lines/100", "lines/{line}")) for method, path in PROTECTED}
    assert closed == patterns | {("POST", "/api/login")}


def test_login__gives_a_session(rig: Rig) -> None:
    client = rig.client()
    answer = client.post("/api/login", json={"login": "anna", "password": "anna's password"})
    assert answer.json() == {"name": "anna", "role": "operator", "expires_at": "1970-01-01T12:16:40Z"}
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
    assert rig.stranger.post("/api/login", json=wrong).status_code == 401


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


