"""/api/topics: what requests are about, what came of them, and what operators fill in."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk.problems import problems
from desk.who import DeskOf, Somebody

router = APIRouter(prefix="/api/topics", tags=["requests"])
Titles = Annotated[dict[str, str], Field(description="By language; under the empty one where it is the same in all")]


class FieldOf(BaseModel):
    """What operators fill in."""

    name: str
    type: str
    titles: Titles
    required: Annotated[bool, Field(description="Without it a request can't be closed")]
    length: Annotated[int, Field(description="Of digits; 0: any")]
    options: list[str]


class TopicsShown(BaseModel):
    """The file of topics as it is now."""

    version: str
    topics: Annotated[dict[str, Titles], Field(description="By path, as `cards/lost`; empty: any text is a topic")]
    outcomes: dict[str, Titles]
    fields: Annotated[dict[str, list[FieldOf]], Field(description="By queue")]
    notes: Annotated[dict[str, Titles], Field(description="Sentences that operators put into a note")]


@router.get("", summary="Topics, outcomes and fields of requests", responses=problems(401))
def topics(desk: DeskOf, who: Somebody) -> TopicsShown:
    now = desk.topics.now()
    return TopicsShown(
        version=now.version, topics={path: dict(titles) for path, titles in now.topics.items()},
        outcomes={name: dict(titles) for name, titles in now.outcomes.items()},
        fields={queue: [FieldOf(name=each.name, type=each.type, titles=dict(each.titles), required=each.required,
                                length=each.length, options=list(each.options)) for each in fields]
                for queue, fields in now.fields.items()},
        notes={name: dict(texts) for name, texts in now.notes.items()})
