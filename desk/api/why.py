"""/api/operators/…/why: why an operator is, or is not, getting a call. The same functions answer that decide."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from desk.problems import Refusal, problems
from desk.who import DeskOf, Somebody
from ivr.drivers.control_link import ControlRefused

router = APIRouter(prefix="/api/operators", tags=["operators"])
Name = Annotated[str, Path(max_length=32, description="An operator")]
CallId = Annotated[str, Query(max_length=64, description="A call in progress: its id, or its beginning; none: any")]


class Why(BaseModel):
    """The answer, for people."""

    operator: str
    call: str = ""
    why: Annotated[str, Field(description="One sentence")]
    call_waits: Annotated[str, Field(description="One sentence: where the call is")] = ""


@router.get("/{name}/why", summary="Why an operator is, or is not, getting a call",
            responses=problems(401, 403, 404, 503))
async def why(desk: DeskOf, who: Somebody, name: Name, call: CallId = "") -> Why:
    if not who.may("supervisor") and not who.is_person(name):
        raise Refusal(403, "not_yours", "An operator asks about themselves only.")
    try:
        return Why.model_validate(await desk.control.call("why", operator=name, call=call))
    except ControlRefused as refused:
        raise Refusal(404, refused.code, refused.message) from None
