"""/api/menus: which version of its menu each line gives to new calls, and how a trial of a newer one goes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk.problems import problems
from desk.who import DeskOf, Supervisor

router = APIRouter(prefix="/api/menus", tags=["menus"])


class Tally(BaseModel):
    """Callers who came into the menu and left it, and how many of them hung up in it."""

    calls: int
    lost: int


class Trial(BaseModel):
    """A newer version that a share of new calls tries."""

    version: str
    percent: float
    new: Annotated[Tally, Field(description="Calls with the newer version")]
    old: Annotated[Tally, Field(description="Calls with the older one, meanwhile")]


class LineMenu(BaseModel):
    """What one line gives to new calls."""

    line: str
    file: str
    version: Annotated[str, Field(description="Hash of the text, as in the calls' `menu_version`")]
    announcements: Annotated[str, Field(description="Hash of the text of the announcements")]
    since: Annotated[datetime | None, Field(description="The last change; null: since the service started")] = None
    returned: Annotated[str, Field(description="The version that a trial found worse, while its file has it")] = ""
    trial: Trial | None = None


class Menus(BaseModel):
    """All lines in the order of config.yaml."""

    lines: list[LineMenu]
    refused: Annotated[list[str], Field(description="Why the files as they are now are not used; empty: they are")] = []
    refused_at: datetime | None = None
    editions: Annotated[int, Field(description="Versions that calls in progress or new ones have")] = 0
    waiting_for_sounds: Annotated[int, Field(description="Sounds that the planes still read for a change")] = 0


@router.get("", summary="The menus now", responses=problems(401, 403, 503))
async def menus(desk: DeskOf, who: Supervisor) -> Menus:
    snapshot = await desk.snapshots.get()
    return Menus.model_validate({"lines": [], **snapshot.get("menus", {})})
