"""/api/operators: who answers calls, and the status they set."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from desk.audit import audit
from desk.problems import Refusal, problems
from desk.state import Desk
from desk.who import DeskOf, Somebody
from ivr.drivers.control_link import ControlRefused

router = APIRouter(prefix="/api/operators", tags=["operators"])

Name = Annotated[str, Path(max_length=32, description="The operator's name in config.yaml")]
StatusWord = Literal["available", "on_break", "logged_out"]


class Operator(BaseModel):
    """One operator now. Times in seconds."""

    name: str
    display_name: str = ""
    languages: Annotated[list[str], Field(description="Empty: all")] = []
    status: Annotated[StatusWord, Field(description="What the person set")]
    reason: Annotated[str, Field(description="Why, in the person's words")] = ""
    set_by: Annotated[str, Field(description="Who set it, if it was not the person: a supervisor, or `hotline`")] = ""
    state: Annotated[str, Field(description="What the service does with them: idle, ringing, on_call, wrap_up")]
    reachable: Annotated[bool, Field(description="Whether a phone of theirs is registered")]
    condition: Annotated[str, Field(description="What keeps them from taking a call, or `free`")] = ""
    call: Annotated[str | None, Field(description="The call they are rung for or talk in")] = None
    chats: Annotated[int, Field(description="Chats they are in, beside a call or without one")] = 0
    chats_offered: Annotated[int, Field(description="Chats that are offered to them")] = 0
    chats_most: Annotated[int, Field(description="Chats they may have at one time; 0: they take none")] = 0
    chats_reachable: Annotated[bool, Field(description="Whether their desk answers chats")] = False
    chats_condition: Annotated[str, Field(description="What keeps them from taking a chat, or `free`")] = ""
    queues: list[str] = []
    status_time: Annotated[float, Field(description="Since the status was set")] = 0.0
    state_time: Annotated[float, Field(description="Since the state began")] = 0.0
    idle_time: Annotated[float, Field(description="Since they became free; 0 if they are not")] = 0.0
    rest_time: Annotated[float, Field(description="Until they are rung again after a missed call")] = 0.0
    answered: Annotated[int, Field(description="Calls since the service started")] = 0
    missed: Annotated[int, Field(description="Offers that came to nothing since the service started")] = 0


class Operators(BaseModel):
    """All operators in the order of config.yaml."""

    operators: list[Operator]


class NewStatus(BaseModel):
    """What a person sets. During a call it holds for the time after it."""

    model_config = ConfigDict(extra="forbid")

    status: StatusWord
    reason: Annotated[str, Field(max_length=80, description="Why, for colleagues to see")] = ""


@router.get("", summary="All operators now", responses=problems(401, 503))
async def operators(desk: DeskOf, who: Somebody) -> Operators:
    snapshot = await desk.snapshots.get()
    return Operators(operators=[operator_shown(desk, shown) for shown in snapshot.get("operators", ())])


@router.delete("/{name}/wrap-up", status_code=204, summary="The notes are done: the next call may come",
               description="Ends a wrap-up that lasts until the request is saved; a fixed one goes on.",
               responses=problems(401, 403, 404, 503))
async def end_wrap_up(desk: DeskOf, who: Somebody, name: Name) -> None:
    if not who.may("supervisor") and not who.is_person(name):
        raise Refusal(403, "not_yours", "An operator ends their own wrap-up only.")
    try:
        await desk.control.call("wrap_up_done", operator=name)
    except ControlRefused as refused:
        raise Refusal(404, refused.code, refused.message) from None
    if not who.is_person(name):
        audit(desk, who, "operators.wrap_up_done", name)


@router.put("/{name}/status", summary="Set an operator's status",
            description="An operator sets their own; a supervisor anybody's.",
            responses=problems(401, 403, 404, 409, 503))
async def set_status(desk: DeskOf, who: Somebody, name: Name, new: NewStatus) -> Operator:
    if not who.may("supervisor") and not who.is_person(name):
        raise Refusal(403, "not_yours", "An operator sets their own status only.")
    try:
        by = {} if who.is_person(name) else {"by": who.name}
        await desk.control.call("set_status", operator=name, status=new.status, reason=new.reason, **by)
    except ControlRefused as refused:
        raise Refusal(404 if refused.code == "unknown_operator" else 409, refused.code, refused.message) from None
    if not who.is_person(name):
        audit(desk, who, "operators.status", name, after={"status": new.status, "reason": new.reason})
    snapshot = await desk.snapshots.get(fresh=0.0)
    for shown in snapshot.get("operators", ()):
        if shown["name"] == name:
            return operator_shown(desk, shown)
    raise Refusal(404, "unknown_operator", f"There is no operator {name}.")


def operator_shown(desk: Desk, shown: Mapping[str, Any]) -> Operator:
    """One of control's snapshot, with what config.yaml knows."""
    configured = desk.config.operators.get(shown["name"])
    known = {} if configured is None else {
        "display_name": configured.display_name or shown["name"], "languages": list(configured.languages)}
    return Operator.model_validate({**shown, **known})
