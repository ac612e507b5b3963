"""/api/tokens: tokens of programs, each with a role of its own and an end. Of administrators alone."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from desk.api.paging import Row
from desk.audit import audit
from desk.problems import Refusal, problems
from desk.who import Admin, DeskOf
from ivr.base.roles import Role
from routing.requests.api_tokens import MOST, NoRoom

router = APIRouter(prefix="/api/tokens", tags=["tokens"])
Id = Annotated[str, Path(max_length=32, description="The token's id")]


class Token(Row):
    """What is known of a token."""

    id: str
    name: str
    role: Role
    made_at: datetime
    made_by: str
    expires_at: datetime
    last_used_at: Annotated[datetime | None, Field(description="To the minute")]
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class Tokens(BaseModel):
    """All, the newest first."""

    tokens: list[Token]


class NewToken(BaseModel):
    """What a token is for."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,31}$", description="What uses it, as `prometheus`")]
    role: Role = "operator"
    days: Annotated[float, Field(gt=0, le=3650, allow_inf_nan=False, description="How long it holds")] = 365


class MadeToken(Token):
    """A new token."""

    token: Annotated[str, Field(description="Shown this once")]


@router.get("", summary="The tokens of programs", responses=problems(401, 403, 503))
def tokens(desk: DeskOf, who: Admin) -> Tokens:
    return Tokens(tokens=[Token.model_validate(one) for one in desk.tokens.kept.all()])


@router.post("", status_code=201, summary="Make a token; it is shown this once",
             description="A program with the role of an operator sees the board, and no call of anybody.",
             responses=problems(401, 403, 409, 503))
async def make(desk: DeskOf, who: Admin, new: NewToken) -> MadeToken:
    try:
        token, made = await run_in_threadpool(desk.tokens.make, new.name, new.role, new.days, who.name)
    except NoRoom:
        raise Refusal(409, "no_room", f"A token {new.name} holds already, or {MOST} others: withdraw one.") from None
    audit(desk, who, "tokens.make", new.name, after={"id": made.id, "role": new.role, "days": new.days})
    return MadeToken(**Token.model_validate(made).model_dump(), token=token)


@router.delete("/{token_id}", status_code=204, summary="Withdraw a token: it holds no longer",
               responses=problems(401, 403, 404, 503))
async def withdraw(desk: DeskOf, who: Admin, token_id: Id) -> None:
    found = await run_in_threadpool(desk.tokens.kept.get, token_id)
    if found is None:
        raise Refusal(404, "not_found", "There is no such token.")
    await run_in_threadpool(desk.tokens.withdraw, token_id, who.name)
    audit(desk, who, "tokens.withdraw", found.name, before={"id": token_id, "role": found.role})
