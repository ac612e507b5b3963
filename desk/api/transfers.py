"""/api/calls/…/transfer and …/consultation: the operator on a call sends its caller on, or asks somebody first.

The operator who talks may, and supervisors. What became of it stands in the entries of the call.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from desk.audit import audit, without_digits
from desk.problems import Refusal, problems
from desk.who import DeskOf, Somebody, Who
from ivr.drivers.control_link import ControlRefused

NOT_THERE = frozenset(("unknown_call", "unknown_target"))
CallId = Annotated[str, Path(max_length=64, description="The call's id, or its beginning; it goes on")]

router = APIRouter(prefix="/api/calls", tags=["calls"])


class NewTransfer(BaseModel):
    """Where to."""

    model_config = ConfigDict(extra="forbid")

    target: Annotated[str, Field(min_length=1, max_length=64, description=(
        "An operator, a queue, a name of `transfers`, an extension, a line's number, or a telephone number that "
        "`outbound` permits"))]
    attended: Annotated[bool, Field(description="The operator asks there first, while the caller hears music")] = False


class Consultation(BaseModel):
    """How it ends."""

    model_config = ConfigDict(extra="forbid")

    wish: Annotated[Literal["back", "conference", "hand_over"], Field(description=(
        "`back`: operator and caller as before; `conference`: all three; `hand_over`: without the operator"))]


class Transferred(BaseModel):
    """The call now."""

    call: str
    state: Annotated[str, Field(description="`referred`: the target rings; `consulting`; `conference`; `bridged`; "
                                "`queued` and others where a queue or a line has the caller")]
    operator: Annotated[str, Field(description='Who talks with the caller, "" for nobody of ours')]
    target: Annotated[str, Field(description='Who rings or is asked, "" for nobody')]


@router.post("/{call_id}/transfer", summary="Send the caller on, or ask somebody first",
             description="If nobody takes the caller, they are back with the operator; who has hung up meanwhile is "
                         "rung for them, and if that fails the queue has them, before all others.",
             responses=problems(401, 403, 404, 409, 503))
async def transfer(desk: DeskOf, who: Somebody, call_id: CallId, new: NewTransfer) -> Transferred:
    return await _asked(desk, who, "transfer", call=call_id, target=new.target, attended=new.attended)


@router.post("/{call_id}/consultation", summary="Go on from a consultation: back, all three, or handed over",
             responses=problems(401, 403, 404, 409, 503))
async def consultation(desk: DeskOf, who: Somebody, call_id: CallId, new: Consultation) -> Transferred:
    return await _asked(desk, who, "end_consultation", call=call_id, wish=new.wish)


async def _asked(desk: DeskOf, who: Who, op: str, **arguments: Any) -> Transferred:
    operator = "" if who.may("supervisor") else who.name
    try:
        found = Transferred.model_validate(await desk.control.call(op, operator=operator, **arguments))
    except ControlRefused as refused:
        status = 403 if refused.code == "not_yours" else 404 if refused.code in NOT_THERE else 409
        raise Refusal(status, refused.code, refused.message) from None
    if who.may("supervisor") and not who.is_person(found.operator):     # operators do it in the course of their call
        audit(desk, who, f"calls.{op}", found.call, after={
            name: without_digits(value) if isinstance(value, str) else value
            for name, value in arguments.items() if name != "call"})
    return found
