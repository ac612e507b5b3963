"""/api/menus/heat: where callers are now, and where they went and hung up."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from desk.api.menu_files import FileName
from desk.menu_editing import Editing
from desk.problems import Refusal, problems
from desk.state import Desk
from desk.who import DeskOf, Supervisor
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.reports.menu_heat import menu_heat

router = APIRouter(prefix="/api/menus/heat", tags=["menus"])


class MenuHeat(BaseModel):
    """One menu. Entering it again counts again; what became of a call counts in the menu where it ended."""

    entered: int = 0
    hung_up: Annotated[int, Field(description="Callers who gave up here, before any queue: the drop-off")] = 0
    contained: Annotated[int, Field(description="Calls that the menu served whole")] = 0
    queued: Annotated[int, Field(description="Callers who went to a queue or a transfer from here")] = 0
    keys: Annotated[dict[str, int], Field(description="How often each option was chosen")] = {}


class Heat(BaseModel):
    """By menu, as the graph of this file names them."""

    menus: dict[str, MenuHeat]
    calls: Annotated[int, Field(description="To the lines of the file, in this time")]
    now: Annotated[dict[str, int] | None, Field(description="Callers in each menu now; null: control is away")]


@router.get("", summary="Callers now, and the drop-off", responses=problems(401, 403, 404, 429, 503))
async def heat(desk: DeskOf, editing: Editing, who: Supervisor, file: FileName,
               hours: Annotated[float, Query(gt=0, le=24 * 366, description="Whose calls are counted")] = 24) -> Heat:
    """`file`: the menu file of a line."""
    lines = {line.numbers[0] for line in desk.config.lines if str(line.menu) == file}
    if not lines:
        raise Refusal(404, "not_found", "No line begins in such a file.")
    since = datetime.fromtimestamp(desk.wall_clock(), UTC) - timedelta(hours=hours)
    found = await run_in_threadpool(menu_heat, desk.repository.engine, lines, since)
    menus: dict[str, MenuHeat] = {name: MenuHeat(**vars(one)) for name, one in found.menus.items()}
    return Heat(menus=menus, calls=found.calls, now=await _now(desk, lines))


async def _now(desk: Desk, lines: set[str]) -> dict[str, int] | None:
    try:
        answer = await desk.control.call("menu_callers")
    except (ControlAway, ControlRefused):
        return None
    found: dict[str, int] = {}
    for line in lines & answer["lines"].keys():
        for menu, count in answer["lines"][line].items():
            found[menu] = found.get(menu, 0) + count
    return found
