"""Every route with every role: what is in the table of route_roles holds, and no route is missing there."""

from typing import Any

import pytest

from desk import apart, workshop
from desk.pages_served import pages_router
from ivr.drivers.control_link import ControlRefused
from tests.desk.desk_rig import Client, Rig
from tests.desk.route_roles import ACTORS, ELSEWHERE, TABLE, concrete, expected, routes_of

LISTS = {"line_orders": "orders", "phones": "phones", "captures": "captures"}


async def answer(rig: Rig, op: str, **arguments: Any) -> dict[str, Any]:
    """Control that knows one callback of anna's queue, and no call."""
    if op in LISTS and "capture" not in arguments:
        return {LISTS[op]: []}
    if "callback" in op:
        return {"callbacks": [{"request": "left-1", "queue": "cards", "state": "waiting", "attempts": 0,
                               "waited_s": 1}]}
    if op == "snapshot":
        return rig.control.snapshot
    if op == "card":
        return {"desks": {}}
    if op in ("set_status", "wrap_up_done", "desk_chats"):
        return {}
    raise ControlRefused("unknown_capture" if "capture" in op else "unknown_line" if "order" in op else "unknown_call",
                         "there is none")


def keep_busy(rig: Rig) -> None:
    """The processes that read menus and sounds are refused before they are started: they have tests of their own."""
    rig.app.state.desk.administration.apart._reading._waiting = apart.MOST_WAITING
    rig.app.state.desk.administration.apart._changing._waiting = apart.MOST_WAITING
    rig.app.state.menu_editing.workshop._waiting = workshop.MOST_WAITING


@pytest.fixture
def actors(rig: Rig) -> dict[str, Client]:
    """One client for each; those of people are logged in anew each time they are taken."""
    rig.control.call = lambda op, **arguments: answer(rig, op, **arguments)     # type: ignore[assignment,method-assign]
    keep_busy(rig)
    people = {name: rig.logged_in(name) for name in ("anna", "boris", "olga", "admin")}
    tokens = {}
    for role in ("operator", "supervisor", "admin"):
        made = rig.program.post("/api/tokens", json={"name": role, "role": role}).json()
        tokens[f"token:{role}"] = rig.client(headers={"Authorization": f"Bearer {made['token']}"})
    return {"nobody": rig.client(), **people, **tokens}


def test_table__every_route_has_its_row_and_every_row_its_route(rig: Rig) -> None:
    pages = set(routes_of(pages_router().routes))
    routes = set(routes_of(rig.app.routes)) - pages
    assert routes - TABLE.keys() - ELSEWHERE.keys() == set(), "who may use these? say it in route_roles.py"
    assert TABLE.keys() | ELSEWHERE.keys() <= routes


def test_table__every_actor_gets_what_it_says(rig: Rig, actors: dict[str, Client]) -> None:
    wrong = []
    for (method, path), may in TABLE.items():
        for actor, client in actors.items():
            if path == "/api/logout" and "person" in ACTORS[actor]:
                client = rig.logged_in(actor)
            rig.forget_attempts()
            given = client.request(method, concrete(path) + may.query,
                                   **({"json": may.body} if may.body is not None else {}))
            if given.status_code != expected(may, actor):
                wrong.append((method, path, actor, given.status_code, expected(may, actor), given.text[:100]))
    assert wrong == [], "\n".join(map(str, wrong))


def test_table__what_is_refused_reaches_neither_control_nor_the_record(rig: Rig, actors: dict[str, Client]) -> None:
    asked: list[str] = []

    async def listened(op: str, **arguments: Any) -> dict[str, Any]:
        asked.append(op)
        return await answer(rig, op, **arguments)

    rig.control.call = listened     # type: ignore[method-assign]
    for (method, path), may in TABLE.items():
        for actor in ("nobody", "token:operator"):
            if method != "GET" and expected(may, actor) in (401, 403) and may.who not in ACTORS[actor]:
                actors[actor].request(method, concrete(path), json=may.body)
    assert asked == []
