"""/api/calls/…/take, …/hang-up: what a supervisor does with a call besides listening to it.

Both stand in the entries of the call, with who did it, and in the audit.
"""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from desk.api.supervisors import NOT_THERE, CallId, Supervisor
from desk.audit import audit
from desk.problems import Refusal, problems
from desk.who import DeskOf
from desk.who import Supervisor as Asking
from ivr.drivers.control_link import ControlRefused

router = APIRouter(prefix="/api/calls", tags=["calls"])


class NewTaking(BaseModel):
    """Who is to have the call."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(min_length=1, max_length=32, description="An operator or account whose phone is there")]


class NewEnd(BaseModel):
    """Why the call is ended."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=200, description="For the record")]


class CallNow(BaseModel):
    """The call after that. While phones ring for it, who takes it is among `supervisors` with the mode `take`."""

    call: str
    state: str
    operator: str
    supervisors: list[Supervisor]


@router.post("/{call_id}/take", summary="Have a call taken out of its queue, or from its operator",
             description="Rings the phones of `to`. Until one of them is taken up nothing changes for the caller; who "
                         "listens to the call has it at once. `DELETE …/supervisors/{name}` gives it up.",
             responses=problems(401, 403, 404, 409, 503))
async def take(desk: DeskOf, who: Asking, call_id: CallId, new: NewTaking) -> CallNow:
    found = await _asked(desk, "take_call", call=call_id, to=new.to, by=who.name)
    audit(desk, who, "calls.take", found.call, after={"to": new.to})
    return found


@router.post("/{call_id}/hang-up", summary="End a call for all who are on it",
             description="A talk counts as answered, a wait as failed.", responses=problems(401, 403, 404, 503))
async def hang_up(desk: DeskOf, who: Asking, call_id: CallId, new: NewEnd) -> CallNow:
    found = await _asked(desk, "hang_up_call", call=call_id, reason=new.reason, by=who.name)
    audit(desk, who, "calls.hang_up", found.call, after={"reason": new.reason})
    return found


async def _asked(desk: DeskOf, op: str, **arguments: Any) -> CallNow:
    try:
        return CallNow.model_validate(await desk.control.call(op, **arguments))
    except ControlRefused as refused:
        raise Refusal(404 if refused.code in NOT_THERE else 409, refused.code, refused.message) from None
