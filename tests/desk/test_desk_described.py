"""The API as it describes itself, tried with what fits the description and with what does not, by every role: nothing
makes it fail, and every answer is one that it promised. Seeded: each run tries the same."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from tests.desk.desk_rig import Client, Rig
from tests.desk.route_roles import ELSEWHERE
from tests.desk.test_desk_route_roles import answer, keep_busy

TRIES = 350             # in all, so that the test stays as long as it is when routes are added
LEAST = 2               # of one operation and mode
CONTROL_AWAY = {"500", "503"}      # here it is there
QUIET = settings(database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def actors(rig: Rig) -> Iterator[Client]:
    """People and a program, one after the other, for ever."""
    return itertools.cycle([rig.program, *(rig.logged_in(name) for name in ("anna", "olga", "admin"))])


def sent(client: Client, case: Any) -> httpx.Response:
    """As this actor, whatever the case says of that."""
    given = case.as_transport_kwargs(base_url="http://desk")
    headers = {name: value for name, value in given["headers"].items() if name.lower() == "content-type"}
    body = {name: given[name] for name in ("json", "data", "files") if name in given}
    if isinstance(body.get("data"), bytes | str):
        body = {"content": body["data"]}
    return client.request(given["method"], given["url"], params=given.get("params"), headers=headers, **body)


# What other tests left running may draw by chance while a case is made; ours come from the seed all the same.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_described__nothing_fails_and_every_answer_was_promised(rig: Rig) -> None:
    keep_busy(rig)
    rig.control.call = lambda op, **arguments: answer(rig, op, **arguments)     # type: ignore[assignment,method-assign]
    described = rig.app.openapi()
    operations = [found.ok() for found in schemathesis.openapi.from_dict(described).get_all_operations()]
    tries = max(LEAST, TRIES // (2 * len(operations)))
    people, wrong = actors(rig), []
    for operation in operations:
        if (operation.method.upper(), operation.path) in ELSEWHERE or operation.path == "/api/logout":
            continue        # without an end, or the end of who asks
        promised = set(described["paths"][operation.path][operation.method]["responses"]) - CONTROL_AWAY
        for mode in modes_of(described["paths"][operation.path][operation.method]):
            wrong += tried(rig, people, operation, mode, tries, promised | {"400", "405", "413"})
    assert wrong == [], {(case[0], case[1], case[4]) for case in wrong}


def modes_of(operation: dict[str, Any]) -> tuple[GenerationMode, ...]:
    """What does not fit is tried where something can: in a body, a query. Hostile paths have a test of their own."""
    asked = any(parameter["in"] == "query" for parameter in operation.get("parameters", ()))
    return tuple(GenerationMode) if asked or "requestBody" in operation else (GenerationMode.POSITIVE,)


def tried(rig: Rig, people: Iterator[Client], operation: Any, mode: GenerationMode, tries: int,
          promised: set[str]) -> list[Any]:
    """Every answer that was not promised."""
    wrong: list[Any] = []

    @seed(58)
    @settings(QUIET, max_examples=tries)
    @given(operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        rig.forget_attempts()
        got = sent(next(people), case)
        if str(got.status_code) not in promised and got.json()["code"] != "busy":
            wrong.append((case.method, case.formatted_path, case.query, case.body, got.status_code, got.text))

    with contextlib.suppress(Unsatisfiable):        # where nothing can be wrong
        one()
    return wrong
