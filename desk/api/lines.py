"""/api/lines: an announcement that callers of a line hear before its menu, and its closure, set at once."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from desk.audit import audit
from desk.problems import Refusal, problems
from desk.who import Admin, DeskOf, Somebody, Who
from ivr.drivers.control_link import ControlRefused

Line = Annotated[str, Path(max_length=64, description="A number of the line; `all`: every line")]
By = Annotated[str, Query(max_length=64, description="For whom a program asks")]
Prompt = Annotated[str, Field(max_length=100, description="A prompt of the line's menu or of the announcements, of "
                                                          "those that say no values")]
NOT_THERE = frozenset(("unknown_line", "unknown_prompt"))


router = APIRouter(prefix="/api/lines", tags=["lines"])


class Order(BaseModel):
    """What holds for a line before any other rule."""

    line: str
    kind: Annotated[Literal["announcement", "closure"], Field(description="`announcement`: the menu follows")]
    prompt: str
    by: Annotated[str, Field(description="Who ordered it")]
    since: datetime
    until: Annotated[datetime | None, Field(description="null: until somebody takes it back")] = None


class Orders(BaseModel):
    """All that hold now."""

    orders: list[Order]


class Lasting(BaseModel):
    """How long it holds; without both until it is taken back."""

    model_config = ConfigDict(extra="forbid")

    until: Annotated[datetime | None, Field(description="Without a zone: the time of the line")] = None
    for_s: Annotated[float | None, Field(gt=0, le=366 * 86400, allow_inf_nan=False, description="Seconds")] = None
    by: Annotated[str, Field(max_length=64, description="For whom a program asks; of a person the login counts")] = ""


class NewAnnouncement(Lasting):
    """Heard to its end before the menu; no key cuts it short."""

    prompt: Prompt


class NewClosure(Lasting):
    """Heard instead of the menu, then the call is ended."""

    prompt: Annotated[Prompt, Field(description="Empty: `nobody_available`")] = ""


@router.get("", summary="What was ordered for lines", responses=problems(401, 503))
async def orders(desk: DeskOf, who: Somebody) -> Orders:
    return await _asked(desk, "line_orders")


@router.put("/{line}/announcement", summary="Have new callers hear a prompt before the menu",
            responses=problems(401, 403, 404, 409, 503))
async def announce(desk: DeskOf, who: Admin, line: Line, new: NewAnnouncement) -> Orders:
    return await order(desk, who, line, "announcement", new, new.prompt)


@router.delete("/{line}/announcement", summary="Take the announcement back",
               responses=problems(401, 403, 404, 503))
async def end_announcement(desk: DeskOf, who: Admin, line: Line, by: By = "") -> Orders:
    return await _take_back(desk, who, line, "announcement", by)


@router.put("/{line}/closure", summary="Close a line for new callers: they hear a prompt, and the call is ended",
            responses=problems(401, 403, 404, 409, 503))
async def close(desk: DeskOf, who: Admin, line: Line, new: NewClosure) -> Orders:
    return await order(desk, who, line, "closure", new, new.prompt)


@router.delete("/{line}/closure", summary="Open a line again",
               responses=problems(401, 403, 404, 503))
async def open_again(desk: DeskOf, who: Admin, line: Line, by: By = "") -> Orders:
    return await _take_back(desk, who, line, "closure", by)


async def order(desk: DeskOf, who: Who, line: str, kind: str, new: Lasting, prompt: str) -> Orders:
    """Give an order, and note it. Raises Refusal."""
    until = new.until.isoformat() if new.until is not None else None
    found = await _asked(desk, "order_line", line=line, kind=kind, prompt=prompt, by=_name(who, new.by), until=until,
                         lasts=new.for_s)
    audit(desk, who, f"lines.{kind}", line, after={"prompt": prompt, "by": _name(who, new.by), "until": until,
                                                   "for_s": new.for_s})
    return found


async def _take_back(desk: DeskOf, who: Who, line: str, kind: str, by: str) -> Orders:
    found = await _asked(desk, "take_back_order", line=line, kind=kind, by=_name(who, by))
    audit(desk, who, f"lines.{kind}_ended", line, after={"by": _name(who, by)})
    return found


def _name(who: Who, by: str) -> str:
    """A person is who they logged in as; a program says for whom it asks."""
    return by or who.name if who.session is None else who.name


async def _asked(desk: DeskOf, op: str, **arguments: Any) -> Orders:
    try:
        return Orders.model_validate(await desk.control.call(op, **arguments))
    except ControlRefused as refused:
        raise Refusal(404 if refused.code in NOT_THERE else 409, refused.code, refused.message) from None
