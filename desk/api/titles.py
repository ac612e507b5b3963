"""/api/titles: what queues, menus, targets of transfers and lines are called on screens, by their names."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from desk.api.trying import titles_of
from desk.phone.captions import Captions
from desk.problems import problems
from desk.who import DeskOf, Somebody

router = APIRouter(prefix="/api/titles", tags=["operation"])
ByLanguage = Annotated[dict[str, str], Field(
    description="By language; under the empty one where it is the same in all")]


class MenuTitles(BaseModel):
    """A menu: its own title, else what callers hear first, and what its keys are for, in the words of its prompt."""

    titles: ByLanguage
    options: Annotated[dict[str, ByLanguage], Field(description="By keys")]


class TitlesShown(BaseModel):
    """By the names that every other answer has. What has no title is not here: its name is all that there is."""

    queues: dict[str, ByLanguage]
    transfers: dict[str, ByLanguage]
    lines: Annotated[dict[str, ByLanguage], Field(description="By each number of a line")]
    menus: Annotated[dict[str, MenuTitles], Field(description="Of all lines; where two files have different menus of "
                                                              "one name, that name is not here")]


@router.get("", summary="What queues, menus, targets and lines are called on screens", responses=problems(401))
async def titles(request: Request, desk: DeskOf, who: Somebody) -> TitlesShown:
    config, captions = desk.config, request.app.state.captions
    assert isinstance(captions, Captions)
    book = await captions.book()
    return TitlesShown(
        queues={name: dict(queue.title) for name, queue in config.queues.items() if queue.title},
        transfers={name: dict(to.title) for name, to in config.transfers.items() if to.title},
        lines={number: dict(titles_of(line)) for line in config.lines for number in line.numbers},
        menus={name: MenuTitles.model_validate(shown) for name, shown in book.titles().items()})
