"""/api/callbacks: who is still to be called back by the hotline itself; ended, or tried before its pause is over."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from desk.audit import audit
from desk.problems import Refusal, problems
from desk.seen import is_seen
from desk.state import Desk
from desk.who import DeskOf, Somebody, Who
from ivr.drivers.control_link import ControlRefused

Request = Annotated[str, Path(max_length=64, description="The request's id, or the beginning of it")]
router = APIRouter(prefix="/api/callbacks", tags=["callbacks"])


class OpenCallback(BaseModel):
    """One. The caller's number is with the request."""

    request: str
    queue: str
    state: Annotated[Literal["waiting", "paused", "held", "tried"], Field(
        description="`waiting` in line; `paused` until a time; `held` while the caller is here; `tried` just now")]
    attempts: Annotated[int, Field(description="How often the caller was dialled in vain")]
    waited_s: Annotated[float, Field(description="Since the caller came")]
    call: Annotated[str | None, Field(description="In which it is tried")] = None
    resumes_in_s: Annotated[float | None, Field(description="Until the pause is over")] = None


class OpenCallbacks(BaseModel):
    """The oldest first."""

    callbacks: list[OpenCallback]


@router.get("", summary="Who is still to be called back", responses=problems(401, 503))
async def callbacks(desk: DeskOf, who: Somebody) -> OpenCallbacks:
    return _seen(desk, who, await _asked(desk, "callbacks"))


@router.delete("/{request}", summary="Nobody is to be called back for this request: it is closed",
               responses=problems(401, 404, 503))
async def cancel(desk: DeskOf, who: Somebody, request: Request) -> OpenCallbacks:
    await _check(desk, who, request)
    found = await _asked(desk, "cancel_callback", request=request, by=who.name)
    audit(desk, who, "callbacks.cancel", request)
    return _seen(desk, who, found)


@router.post("/{request}/now", summary="End its pause: it keeps its place in line, and the hours hold",
             responses=problems(401, 404, 503))
async def call_now(desk: DeskOf, who: Somebody, request: Request) -> OpenCallbacks:
    await _check(desk, who, request)
    found = await _asked(desk, "callback_now", request=request)
    audit(desk, who, "callbacks.now", request)
    return _seen(desk, who, found)


def _seen(desk: Desk, who: Who, found: OpenCallbacks) -> OpenCallbacks:
    """An operator sees those of the queues they serve."""
    return OpenCallbacks(callbacks=[one for one in found.callbacks if is_seen(desk, who, "", one.queue)])


async def _check(desk: Desk, who: Who, request: str) -> None:
    """Refuses an operator for whom `request` may be one that they don't see."""
    if who.may("supervisor"):
        return
    meant = [one for one in (await _asked(desk, "callbacks")).callbacks if one.request.startswith(request)]
    if not meant or not all(is_seen(desk, who, "", one.queue) for one in meant):
        raise Refusal(404, "unknown_callback", f"None of your callbacks begins with {request}.")


async def _asked(desk: DeskOf, op: str, **arguments: Any) -> OpenCallbacks:
    try:
        return OpenCallbacks.model_validate(await desk.control.call(op, **arguments))
    except ControlRefused as refused:
        raise Refusal(404, refused.code, refused.message) from None
