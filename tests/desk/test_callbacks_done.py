"""A request that people closed is called back no more, and one that is being talked about is left alone."""

import asyncio
from typing import Any

from desk.callbacks_done import end_done
from ivr.call.record import RequestStatus
from routing.requests.work import Change, change_request
from tests.desk.desk_rig import Rig, ScriptedControl
from tests.requests.test_left_requests import left, store
from tests.requests.visits import BEGAN, uuid


class Calling(ScriptedControl):
    """Three requests wait in line, and one is tried."""

    ended: tuple[str, ...] = ()

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        if op == "cancel_callback":
            self.ended += arguments["request"],
        states = (("request 1", "tried"), ("request 2", "waiting"), ("request 3", "paused"))
        return {"callbacks": [{"request": uuid(name), "state": state} for name, state in states]}


def test_end_done__what_people_closed_but_not_during_the_talk(rig: Rig) -> None:
    store(rig.engine, left(1), left(2), left(3))
    control = Calling()
    assert asyncio.run(end_done(rig.engine, control)) == 0
    for name in ("request 1", "request 3"):
        change_request(rig.engine, uuid(name), 0, Change(status=RequestStatus.CLOSED), "anna", BEGAN)
    assert asyncio.run(end_done(rig.engine, control)) == 1
    assert control.ended == (uuid("request 3"),)
