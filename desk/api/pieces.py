"""/api/work: how far a piece of work is that a page has begun."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from desk.pieces import Piece
from desk.problems import Problem, Refusal, problems
from desk.who import DeskOf, Supervisor

router = APIRouter(prefix="/api/work", tags=["prompts"])


class PieceShown(BaseModel):
    """A piece of work. Ask until its state is `done` or `failed`."""

    id: str
    what: str
    by: str
    state: Literal["running", "done", "failed"]
    done: Annotated[int, Field(description="Steps that are done")]
    total: Annotated[int, Field(description="Of so many; 0: not known yet")]
    at: Annotated[str, Field(description="What was done last")]
    result: dict[str, Any] | None = None
    problem: Problem | None = None


def shown(piece: Piece) -> PieceShown:
    return PieceShown(id=piece.id, what=piece.what, by=piece.by, state=piece.state, done=piece.done,
                      total=piece.total, at=piece.at, result=piece.result, problem=piece.problem)


@router.get("/{name}", summary="How far a piece of work is", responses=problems(401, 403, 404))
async def piece(desk: DeskOf, who: Supervisor, name: Annotated[str, Path(max_length=40)]) -> PieceShown:
    found = desk.administration.pieces.get(name)
    if found is None:
        raise Refusal(404, "not_found", "There is no such work, or it was done long ago.")
    return shown(found)
