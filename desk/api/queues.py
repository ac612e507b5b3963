"""/api/queues: who waits, for how long, and how the waits of this run of the service ended."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk.problems import problems
from desk.who import DeskOf, Somebody

router = APIRouter(prefix="/api/queues", tags=["queues"])


class WaitingCall(BaseModel):
    """A caller in a queue."""

    call: str
    place: Annotated[int, Field(description="1 is next")]
    language: str = ""
    priority: int = 0
    wait_time: Annotated[float, Field(description="Seconds")]
    operator: Annotated[str | None, Field(description="Whose phone rings for this caller")] = None
    virtual: Annotated[bool, Field(description="Nobody holds the line: to be called back")] = False
    medium: Annotated[Literal["call", "chat"], Field(description="Places are counted among those of the same")] = "call"
    channel: Annotated[str, Field(description="`voice`, or that of a chat: `web` and others")] = "voice"


class Queue(BaseModel):
    """One queue now, with what it counted since the service started."""

    name: str
    waiting: Annotated[int, Field(description="Callers in the queue, those being offered included")]
    callbacks: Annotated[int, Field(description="Who is to be called back and waits in line, beside them")] = 0
    ringing: Annotated[int, Field(description="Of these, for how many a phone rings")] = 0
    longest_wait: Annotated[float, Field(description="Seconds of the caller who has waited longest")] = 0.0
    operators_in_service: Annotated[int, Field(description="Operators whom callers may hope for")] = 0
    operators_idle: Annotated[int, Field(description="Operators who are free now")] = 0
    chats_waiting: Annotated[int, Field(description="Of those who wait, who writes")] = 0
    chats_in_service: Annotated[int, Field(description="Operators whom they may hope for")] = 0
    chats_idle: Annotated[int, Field(description="Operators who have room for one more chat now")] = 0
    offered: Annotated[int, Field(description="Callers who entered")] = 0
    answered: int = 0
    abandoned: int = 0
    overflow: int = 0
    unaccounted: Annotated[int, Field(description="offered - ended - waiting - callbacks: always 0")] = 0
    calls: Annotated[list[WaitingCall], Field(description="The first of those who wait")] = []


class Queues(BaseModel):
    """All queues in the order of config.yaml."""

    queues: list[Queue]


@router.get("", summary="All queues now", responses=problems(401, 503))
async def queues(desk: DeskOf, who: Somebody) -> Queues:
    snapshot = await desk.snapshots.get()
    return Queues.model_validate({"queues": list(snapshot.get("queues", ()))})
