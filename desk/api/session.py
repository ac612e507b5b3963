"""/api/login, /api/logout, /api/session: how people at screens come in."""

import math
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from desk.problems import Refusal, problems
from desk.who import COOKIE, DeskOf, Somebody
from ivr.drivers.log import Log
from ivr.drivers.passwords import MAX_LENGTH
from ivr.drivers.secrets_file import WebLogin, accept_nobody

router = APIRouter(prefix="/api", tags=["session"])
_log = Log("desk")


class Credentials(BaseModel):
    """A login of the desk: `admin`, or the name of an operator."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"format": "password"})]


class SessionShown(BaseModel):
    """Who is logged in."""

    name: str
    role: Literal["admin", "operator"]
    expires_at: Annotated[datetime | None, Field(description="Null for a program with the token")]


@router.post("/login", summary="Log in; sets the session's cookie", responses=problems(401, 403, 413, 429))
async def login(desk: DeskOf, request: Request, response: Response, given: Credentials) -> SessionShown:
    host = request.client.host if request.client else ""
    if wait := desk.limit.attempt(host, desk.clock()):
        raise Refusal(429, "too_many_attempts", f"Too many attempts; try again in {math.ceil(wait)} s.",
                      {"Retry-After": str(math.ceil(wait))})
    known = desk.secrets.web.get(given.login)
    if not await run_in_threadpool(_accepts, known, given.password) or known is None:
        _log.warning("login_refused", host=host)    # without the name: people type passwords into the wrong field
        raise Refusal(401, "wrong_login", "Name or password is wrong.")
    desk.limit.succeeded(host)
    cookie, session = desk.sessions.begin(known, desk.wall_clock())
    _log.info("logged_in", login=session.name, host=host)
    response.set_cookie(COOKIE, cookie, max_age=int(desk.config.web.session_h * 3600), path="/", httponly=True,
                        samesite="strict", secure=request.url.scheme == "https")
    return _shown(session.name, known.role, session.expires)


@router.post("/logout", summary="End the session", status_code=204, responses=problems(401, 403))
async def logout(desk: DeskOf, who: Somebody, response: Response) -> None:
    if who.session is not None:
        desk.sessions.end(who.session, desk.wall_clock())
        _log.info("logged_out", login=who.name)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


@router.get("/session", summary="Who is logged in", responses=problems(401))
async def session(who: Somebody) -> SessionShown:
    return _shown(who.name, who.role, who.session.expires if who.session else None)


def _accepts(known: WebLogin | None, password: str) -> bool:
    return accept_nobody(password) if known is None else known.accepts(password)


def _shown(name: str, role: str, expires: float | None) -> SessionShown:
    return SessionShown(name=name, role="admin" if role == "admin" else "operator",
                        expires_at=datetime.fromtimestamp(expires, UTC) if expires is not None else None)
