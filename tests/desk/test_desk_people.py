"""People over the API: who may log in, and a password that an administrator makes for somebody."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from desk.api.people import HOLDS_S
from ivr.drivers.secrets_file import WebLogin, open_secrets
from tests.desk.desk_rig import PAGE, Client, Rig

RESET = "/api/people/anna/password"


@pytest.fixture
def home(rig: Rig) -> dict[str, str]:
    """The passwords of a first start, by name."""
    opened = open_secrets(rig.config, {})
    rig.logins.update(opened.secrets.web)
    return {one.owner: one.password for one in opened.made if one.use == "web"}


def log_in(rig: Rig, name: str, password: str) -> tuple[Client, Any]:
    client = rig.client(headers=PAGE)
    return client, client.post("/api/login", json={"login": name, "password": password})


def listed(rig: Rig) -> dict[str, dict[str, Any]]:
    answer = rig.program.get("/api/people")
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["people"]}


def test_people__with_their_roles_passwords_and_last_logins(rig: Rig, home: dict[str, str]) -> None:
    rig.logins["boris"] = WebLogin("boris", "operator", None, "given in a file")
    rig.clock.now = 1_790_000_000.0
    log_in(rig, "anna", home["anna"])
    rig.clock.now += 60
    log_in(rig, "anna", home["anna"])
    found = listed(rig)
    assert {name: (one["role"], one["operator"], one["password"]) for name, one in found.items()} == {
        "admin": ("admin", False, "first"), "anna": ("operator", True, "first"), "boris": ("operator", True, "given"),
        "olga": ("supervisor", False, "first")}
    assert (found["anna"]["display_name"], found["anna"]["last_login_at"]) == ("Anna", "2026-09-21T14:14:20Z")
    assert found["olga"]["last_login_at"] is None


def test_reset__is_shown_once_and_opens_nothing_but_another_password(rig: Rig, home: dict[str, str]) -> None:
    before, _ = log_in(rig, "anna", home["anna"])
    made = rig.program.post(RESET)
    assert made.status_code == 201, made.text
    password = made.json()["password"]
    assert before.get("/api/session").status_code == 401            # her sessions are over
    assert log_in(rig, "anna", home["anna"])[1].status_code == 401
    anna, answer = log_in(rig, "anna", password)
    assert (answer.status_code, answer.json()["must_change"]) == (200, True)
    for path in ("/api/queues", "/api/desk", "/api/live"):
        refused = anna.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "password_to_choose"), path
    assert anna.put("/api/operators/anna/status", json={"status": "available"}).status_code == 403
    assert anna.get("/api/session").json()["must_change"] is True
    assert anna.post("/api/password", json={"old": password, "new": password}).status_code == 409
    assert anna.post("/api/password", json={"old": password, "new": "of my own choice"}).status_code == 204
    assert anna.get("/api/session").json()["must_change"] is False
    assert anna.get("/api/queues").status_code == 200
    assert log_in(rig, "anna", password)[1].status_code == 401
    assert listed(rig)["anna"]["password"] == "own"


def test_reset__is_written_down_without_the_password(rig: Rig, home: dict[str, str], tmp_path: Path) -> None:
    petr, _ = log_in(rig, "admin", home["admin"])
    password = petr.post(RESET).json()["password"]
    row = rig.program.get("/api/audit", params={"what": "people.password"}).json()["items"][0]
    assert (row["who"], row["subject"], list(row["after"])) == ("admin", "anna", ["until"])
    assert password not in rig.program.get("/api/audit").text + (tmp_path / "secrets.json").read_text()
    assert home["anna"] not in (tmp_path / "first-passwords.txt").read_text()
    assert listed(rig)["anna"]["password"] == "one_time"


def test_reset__outlives_the_process_and_ends_by_itself(rig: Rig, home: dict[str, str], tmp_path: Path) -> None:
    first = rig.program.post(RESET).json()["password"]
    rig.logins.update(open_secrets(rig.config, {}).secrets.web)
    assert '"format": 2' in (tmp_path / "secrets.json").read_text()
    assert log_in(rig, "anna", first)[1].json()["must_change"] is True
    rig.clock.now += HOLDS_S
    assert log_in(rig, "anna", first)[1].json() == {"code": "wrong_login", "message": "Name or password is wrong."}
    again = rig.program.post(RESET).json()["password"]
    anna, _ = log_in(rig, "anna", again)
    anna.post("/api/password", json={"old": again, "new": "of my own choice"})
    kept = (tmp_path / "secrets.json").read_text()
    assert '"format": 1' in kept
    assert "one_time" not in kept       # a hotline that is older reads it again
    assert open_secrets(rig.config, {}).secrets.web["anna"].one_time_until is None


def test_reset__refused(rig: Rig, home: dict[str, str]) -> None:
    rig.logins["boris"] = WebLogin("boris", "operator", None, "given in a file")
    admin, _ = log_in(rig, "admin", home["admin"])
    olga, _ = log_in(rig, "olga", home["olga"])
    assert olga.post(RESET).status_code == olga.get("/api/people").status_code == 403
    got = {name: admin.post(f"/api/people/{name}/password").json()["code"] for name in ("nobody", "admin", "boris")}
    assert got == {"nobody": "not_found", "admin": "yourself", "boris": "given"}
    assert log_in(rig, "anna", home["anna"])[1].status_code == 200


def test_people__while_the_database_is_away(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(what: str) -> None:
        raise OperationalError(what, {}, Exception("gone"))

    monkeypatch.setattr(rig.app.state.desk.audit.kept, "latest", away)
    assert rig.program.get("/api/people").status_code == 503
