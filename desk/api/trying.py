"""/api/try: what anybody may know before they call from the page `/try`."""

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from desk.phone.captions import Captions
from desk.phone.try_limit import TryLimit
from desk.problems import problems
from desk.who import DeskOf, person
from ivr.base.config_lines import LineConfig
from ivr.base.titles import ALL, Titles

router = APIRouter(prefix="/api/try", tags=["try"])


class TryLine(BaseModel):
    """A line that can be called from the page."""

    number: str
    titles: Annotated[dict[str, str], Field(description="By language; under the empty one where it is the same in all")]
    languages: Annotated[list[str], Field(description="Of its menu, the first one first")]


class Trying(BaseModel):
    """Whether this caller may call from the page, and what."""

    on: Annotated[bool, Field(description="false: only after a login")]
    lines: list[TryLine]


@router.get("", summary="What can be called from the page /try", responses=problems())
async def trying(request: Request, desk: DeskOf) -> Trying:
    """Anybody may ask; a line that may not be called from the page is not named."""
    captions: Captions = request.app.state.captions
    book, limit = await captions.book(), TryLimit(desk.config)
    found = [(number, desk.config.line_for(number)) for number in limit.lines]
    return Trying(on=person(request) is not None or limit.is_open(request.headers.get("host", "")),
                  lines=[TryLine(number=number, titles=dict(titles_of(line)),
                                 languages=list(book.languages(str(line.menu))))
                         for number, line in found if line is not None])


def titles_of(line: LineConfig) -> Titles:
    """What the configuration calls it, else the name of its menu file."""
    name = PurePath(line.menu).stem.replace("_", " ").replace("-", " ").strip()
    return line.title or {ALL: name[:1].upper() + name[1:]}
