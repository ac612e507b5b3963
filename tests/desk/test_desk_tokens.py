"""Named tokens of programs."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from tests.desk.desk_rig import Client, Rig


def made(rig: Rig, name: str, role: str, days: float = 1) -> tuple[Client, str]:
    answer = rig.logged_in("admin").post("/api/tokens", json={"name": name, "role": role, "days": days})
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    return rig.client(headers={"Authorization": f"Bearer {shown['token']}"}), shown["id"]


def test_token__has_its_role_and_needs_no_origin(rig: Rig) -> None:
    wallboard, _ = made(rig, "wallboard", "operator")
    assert wallboard.get("/api/session").json() == {
        "name": "token:wallboard", "role": "operator", "expires_at": None, "display_name": "", "operator": False,
        "own_password": False, "must_change": False}
    assert wallboard.get("/api/queues").status_code == 200
    assert wallboard.get("/api/calls").json()["items"] == []
    assert wallboard.get("/api/trunks").status_code == 403
    reports, _ = made(rig, "reports", "supervisor")
    assert len(reports.get("/api/calls").json()["items"]) == 5
    assert reports.put("/api/operators/anna/status", json={"status": "on_break"}).status_code == 200
    assert reports.get("/api/tokens").status_code == 403


def test_token__named_like_an_operator_is_not_them(rig: Rig) -> None:
    anna, _ = made(rig, "anna", "operator")
    assert anna.put("/api/operators/anna/status", json={"status": "on_break"}).status_code == 403
    assert anna.get("/api/requests").json()["items"] == []


def test_token__is_shown_once_and_kept_nowhere(rig: Rig) -> None:
    client, token_id = made(rig, "crm", "admin")
    token = client.headers["authorization"].removeprefix("Bearer ")
    with rig.engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM api_tokens")).all())
    assert token not in kept
    [listed] = rig.logged_in("admin").get("/api/tokens").json()["tokens"]
    assert token not in str(listed)
    assert (listed["id"], listed["name"], listed["made_by"], listed["last_used_at"]) == (token_id, "crm", "admin", None)


def test_token__ends_in_time_and_when_it_is_withdrawn(rig: Rig) -> None:
    short, _ = made(rig, "short", "operator")
    rig.clock.now += 86400 - 1
    assert short.get("/api/queues").status_code == 200
    rig.clock.now += 1
    assert short.get("/api/queues").status_code == 401
    client, token_id = made(rig, "short", "operator")     # the name is free again
    assert client.get("/api/queues").status_code == 200
    admin = rig.logged_in("admin")
    assert admin.delete(f"/api/tokens/{token_id}").status_code == 204
    assert client.get("/api/queues").status_code == 401
    assert admin.delete("/api/tokens/nonsense").status_code == 404
    assert admin.get("/api/tokens").json()["tokens"][0]["withdrawn_by"] == "admin"


def test_token__last_use_is_known_to_the_minute(rig: Rig) -> None:
    client, _ = made(rig, "crm", "operator")
    used = []
    for seconds in (0, 59, 1):
        rig.clock.now += seconds
        client.get("/api/queues")
        used.append(rig.logged_in("admin").get("/api/tokens").json()["tokens"][0]["last_used_at"])
    began = datetime.fromtimestamp(1000, UTC)
    assert used == [moment.isoformat().replace("+00:00", "Z")
                    for moment in (began, began, began + timedelta(seconds=60))]


def test_token__two_of_one_name_and_nonsense_are_refused(rig: Rig) -> None:
    made(rig, "crm", "operator")
    admin = rig.logged_in("admin")
    assert admin.post("/api/tokens", json={"name": "crm", "role": "operator"}).status_code == 409
    for wrong in ({"name": "CRM"}, {"name": "a:b"}, {"name": "x", "role": "root"}, {"name": "x", "days": 0},
                  {"name": "x", "days": "Infinity"}, {"name": ""}):
        assert admin.post("/api/tokens", json=wrong).status_code == 422
