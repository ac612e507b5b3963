"""/api/calls/…/supervisors: who listens to a call, whispers to its operator or talks with both.

Whoever listens hears what people say, so it takes a supervisor, on their own phone: what stands in the entries of the
call is who listened, in which mode, from when to when. Administrators and programs may let another come.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from desk.audit import audit
from desk.problems import Refusal, problems
from desk.who import DeskOf, Who, supervisor
from ivr.drivers.control_link import ControlRefused

NOT_THERE = frozenset(("unknown_call", "unknown_account", "not_supervised"))
CallId = Annotated[str, Path(max_length=64, description="The call's id, or its beginning; it goes on")]
Name = Annotated[str, Path(max_length=32, description="An operator or account whose phone is registered")]
Mode = Literal["listen", "whisper", "barge"]
Asking = Annotated[Who, Depends(supervisor)]


router = APIRouter(prefix="/api/calls", tags=["calls"], dependencies=[Depends(supervisor)])


class Supervisor(BaseModel):
    """One who takes part in a call besides caller and operator."""

    supervisor: str
    mode: Annotated[Mode | Literal["take"], Field(description="`whisper`: the operator alone hears them; `barge`: both "
                                                              "do; `take`: they are rung to have the call")]
    state: Annotated[Literal["ringing", "joined", "leaving", "over"], Field(description="`ringing`: their phones ring")]


class Supervisors(BaseModel):
    """All of one call."""

    call: str
    supervisors: list[Supervisor]


class NewSupervision(BaseModel):
    """How they take part."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = "listen"


@router.get("/{call_id}/supervisors", summary="Who supervises a call that goes on",
            responses=problems(401, 403, 404, 503))
async def supervisors(desk: DeskOf, call_id: CallId) -> Supervisors:
    return await _asked(desk, "supervisors", call=call_id)


@router.put("/{call_id}/supervisors/{name}", summary="Let somebody supervise a call, or switch their mode",
            description="Rings their phones while the caller talks with somebody. They leave by hanging up, which ends "
                        "nothing else; the call's end, a queue or a menu ends their part.",
            responses=problems(401, 403, 404, 409, 503))
async def supervise(desk: DeskOf, who: Asking, call_id: CallId, name: Name, new: NewSupervision) -> Supervisors:
    _own(who, name)
    found = await _asked(desk, "supervise", call=call_id, supervisor=name, mode=new.mode)
    audit(desk, who, "calls.supervise", found.call, after={"supervisor": name, "mode": new.mode})
    return found


@router.delete("/{call_id}/supervisors/{name}", summary="End somebody's supervision",
               responses=problems(401, 403, 404, 503))
async def end(desk: DeskOf, who: Asking, call_id: CallId, name: Name) -> Supervisors:
    _own(who, name)
    found = await _asked(desk, "end_supervision", call=call_id, supervisor=name)
    audit(desk, who, "calls.supervision_ended", found.call, after={"supervisor": name})
    return found


def _own(who: Who, name: str) -> None:
    if not who.may("admin") and not who.is_person(name):
        raise Refusal(403, "not_yours", "A supervisor listens on their own phone only.")


async def _asked(desk: DeskOf, op: str, **arguments: Any) -> Supervisors:
    try:
        return Supervisors.model_validate(await desk.control.call(op, **arguments))
    except ControlRefused as refused:
        raise Refusal(404 if refused.code in NOT_THERE else 409, refused.code, refused.message) from None
