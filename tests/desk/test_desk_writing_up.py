"""Who sends a caller on writes them up: three operators in queues of their own, and the API over what they left."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from ivr.base.config import Config
from routing.requests.tables import Request
from routing.requests.transaction import write
from routing.requests.worked import had
from tests.desk.desk_rig import Client, Rig
from tests.support.operators_phones import QUICK, finish, state_of, talk_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

SAVED = {"until_saved": True, "max_s": 600}
SERVES = {"cards": "anna", "loans": "boris", "general": "vera"}
NAMES = tuple(SERVES.values())


def house() -> Story:
    queues = {name: {"operators": [SERVES.get(name, "vera")], "wrap_up": SAVED} for name in base_config()["queues"]}
    return make_story(config={"queues": queues, "operators": {name: {} for name in NAMES}},
                      operators=dict.fromkeys(NAMES, QUICK), audio=False)


def to_a_person(name: str) -> str:
    return f"sip:{name}@{HOTLINE}"


def to_a_queue(name: str) -> str:
    return f"sip:{next(queue for queue, one in SERVES.items() if one == name)}@{HOTLINE}"


@pytest.fixture
def desk(rig: Rig) -> Rig:
    """vera is there as well; she says boris's password."""
    found = rig.app.state.desk
    queues = {name: {"operators": [who]} for name, who in SERVES.items()}
    config = Config.model_validate(found.config.model_dump(exclude_unset=True) | {
        "queues": queues, "operators": {name: {} for name in NAMES}})
    rig.app.state.desk = dataclasses.replace(found, config=config)
    rig.logins["vera"] = dataclasses.replace(rig.logins["boris"], name="vera")
    return rig


def logged_in(desk: Rig, name: str) -> Client:
    client = desk.client(headers={"Origin": "http://desk", "X-Hotline": "1"})
    password = "boris's password" if name == "vera" else f"{name}'s password"
    assert client.post("/api/login", json={"login": name, "password": password}).status_code == 200
    return client


def keep(desk: Rig, story: Story) -> None:
    """What the house has told so far stands in the database."""
    with desk.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, story.hotline.stored)


@pytest.mark.parametrize("to", [to_a_person, to_a_queue])
def test_passed_on__each_saves_the_request_after_they_left(desk: Rig, to: Callable[[str], str]) -> None:
    story = talk_with_anna(house())
    [call] = [row.id for row in story.rows().values()]
    [request] = [row.id for row in story.requests()]
    for name, target in zip(NAMES, (*NAMES[1:], ""), strict=True):
        if target:
            story.phones[name].transfer(to(target))
            story.world.run(4)
            assert story.phones[target].talking
        else:
            story.caller.hang_up()
            story.world.run(2)
        keep(desk, story)
        assert state_of(story, name) == "wrap_up"
        save(desk, story, name, call, request)
        assert state_of(story, name) == "idle"
    finish(story)


def save(desk: Rig, story: Story, name: str, call: str, request: str) -> None:
    """As the page of the operator does: it finds the request by the call, and reads it before it changes it."""
    client = logged_in(desk, name)
    [found] = client.get("/api/requests", params={"call_id": call}).json()["items"]
    assert found["id"] == request
    for path in ("", "/changes", "/related"):
        assert client.get(f"/api/requests/{request}{path}").status_code == 200, path
    body: dict[str, Any] = {"revision": found["revision"], "note": f"{name} was here"}
    answer = client.request("PATCH", f"/api/requests/{request}", json=body)
    assert (answer.status_code, answer.json()["note"]) == (200, f"{name} was here")
    assert ("wrap_up_done", {"operator": name, "call": call}) in desk.control.asked
    story.hotline.carry_out(story.hotline.exchange.wrap_up_done(name, call, story.world.now))


def test_passed_on__nobody_else_sees_it(desk: Rig) -> None:
    """Who never had the caller, and serves no queue of theirs."""
    story = talk_with_anna(house())
    [request] = [row.id for row in story.requests()]
    story.phones["anna"].transfer(to_a_person("boris"))
    story.world.run(4)
    story.caller.hang_up()
    story.world.run(2)
    keep(desk, story)
    stranger = logged_in(desk, "vera")
    assert stranger.get(f"/api/requests/{request}").status_code == 404
    assert stranger.get("/api/requests").json()["items"] == []
    assert logged_in(desk, "boris").get(f"/api/requests/{request}").status_code == 200


def test_had__reads_the_entries_of_one_call_alone(rig: Rig) -> None:
    """By their key: a desk asks this of every request that is not its own."""
    query = select(Request.id).where(had("anna", Request.call_id))
    with rig.engine.connect() as connection:
        text = query.compile(rig.engine, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    assert any("SEARCH entries USING INDEX" in step and "(call_id=?)" in step for step in plan), plan
    assert "->>" in str(query.compile(dialect=postgresql.dialect()))     # type: ignore[no-untyped-call]
