"""/api/login, /api/logout, /api/session, /api/password: how people at screens come in."""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from desk.audit import audit
from desk.cookies import cookie_name, is_secure
from desk.ended_sessions import keep_ended
from desk.problems import Refusal, problems
from desk.sessions import Session
from desk.state import Desk
from desk.who import Anybody, DeskOf, Somebody, Who, not_logged_in, person
from ivr.base.roles import Role
from ivr.drivers.log import Log
from ivr.drivers.passwords import MAX_LENGTH, MIN_LENGTH
from ivr.drivers.secrets_file import WebLogin, accept_nobody, change_web_password

router = APIRouter(prefix="/api", tags=["session"])
Quiet = Annotated[bool, Query(description="Where nobody is logged in no fault: browsers write those on their console")]
_log = Log("desk")


class Credentials(BaseModel):
    """A login of the pages: `admin`, the name of an operator, or of somebody of `web.people`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"format": "password"})]


class NewPassword(BaseModel):
    """The password of whoever is logged in, and the one that they want."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    old: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"format": "password"})]
    new: Annotated[str, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$",
                              json_schema_extra={"format": "password"})]


class SessionShown(BaseModel):
    """Who is logged in."""

    name: str
    role: Role
    expires_at: Annotated[datetime | None, Field(description="Null for a program with the token")]
    display_name: str = ""
    operator: Annotated[bool, Field(description="Whether they answer calls")] = False
    own_password: Annotated[bool, Field(description="Whether they may choose their password here")] = False


@router.post("/login", summary="Log in; sets the session's cookie", responses=problems(401, 403, 413, 429),
             description="A session that the browser had before ends.")
async def login(desk: DeskOf, request: Request, response: Response, given: Credentials) -> SessionShown:
    host = _attempt(desk, request)
    known = desk.logins.get(given.login)
    if not await run_in_threadpool(_accepts, known, given.password) or known is None:
        _log.warning("login_refused", host=host)    # without the name: people type passwords into the wrong field
        if desk.limit.is_told(desk.clock()):
            audit(desk, "", "login.refused", known.name if known is not None else "", after={"host": host})
        raise Refusal(401, "wrong_login", "Name or password is wrong.")
    desk.limit.succeeded(host)
    before = person(request)
    if before is not None and before.session is not None:
        await _end(desk, before.session)
    session = _begin(desk, request, response, known)
    _log.info("logged_in", login=session.name, host=host)
    audit(desk, session.name, "login", after={"host": host})
    return _shown(desk, Who(session.name, session.role, session))


@router.post("/logout", summary="End the session", status_code=204, responses=problems(401, 403))
async def logout(desk: DeskOf, who: Somebody, request: Request, response: Response) -> None:
    if who.session is not None:
        await _end(desk, who.session)
        _log.info("logged_out", login=who.name)
        audit(desk, who, "logout")
    response.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="strict", secure=is_secure(request))


@router.get("/session", summary="Who is logged in", response_model=SessionShown,
            responses={**problems(401), 204: {"description": "Nobody is, and `quiet` was asked"}})
async def session(desk: DeskOf, who: Anybody, quiet: Quiet = False) -> SessionShown | Response:
    if who is None and not quiet:
        raise not_logged_in()
    return Response(status_code=204) if who is None else _shown(desk, who)


@router.post("/password", summary="Choose another password", status_code=204,
             description="Of whoever is logged in. Every session of theirs ends but this one, whose cookie is new. A "
                         "password that config.yaml gives is changed there.",
             responses=problems(401, 403, 409, 413, 429))
async def password(desk: DeskOf, who: Somebody, request: Request, response: Response, given: NewPassword) -> None:
    if who.session is None:
        raise Refusal(403, "not_yours", "A program has no password.")
    known = desk.logins[who.name]
    host = _attempt(desk, request)
    if not await run_in_threadpool(known.accepts, given.old):
        _log.warning("password_not_changed", login=who.name, host=host)
        audit(desk, who, "password.refused", who.name, after={"host": host})
        raise Refusal(403, "wrong_password", "The old password is wrong.")
    desk.limit.succeeded(host)
    if given.new == given.old or given.new.casefold() == who.name.casefold():
        raise Refusal(409, "not_allowed", "The new password is the old one, or the name.")
    if known.given is not None:
        raise Refusal(409, "given", "config.yaml gives this password: it is changed there.")
    hashed = await run_in_threadpool(change_web_password, desk.config, who.name, given.new)
    desk.logins[who.name] = changed = WebLogin(who.name, known.role, hashed, None)
    _begin(desk, request, response, changed)
    _log.info("password_changed", login=who.name, host=host)
    audit(desk, who, "password.change", who.name, after={"host": host})


def _attempt(desk: Desk, request: Request) -> str:
    """Count a try at a password. Returns where it comes from."""
    host = request.client.host if request.client else ""
    if wait := desk.limit.attempt(host, desk.clock()):
        raise Refusal(429, "too_many_attempts", f"Too many attempts; try again in {math.ceil(wait)} s.",
                      {"Retry-After": str(math.ceil(wait))})
    return host


def _accepts(known: WebLogin | None, password: str) -> bool:
    return accept_nobody(password) if known is None else known.accepts(password)


async def _end(desk: Desk, session: Session) -> None:
    desk.sessions.end(session, desk.wall_clock())
    await run_in_threadpool(keep_ended, Path(desk.config.state_dir), lambda: desk.sessions.ended)


def _begin(desk: Desk, request: Request, response: Response, login: WebLogin) -> Session:
    """A new session with a cookie of its own, whatever the browser brought."""
    cookie, session = desk.sessions.begin(login, desk.wall_clock())
    response.set_cookie(cookie_name(request), cookie, max_age=int(desk.config.web.session_h * 3600), path="/",
                        httponly=True, samesite="strict", secure=is_secure(request))
    return session


def _shown(desk: Desk, who: Who) -> SessionShown:
    operator, person = desk.config.operators.get(who.name), desk.config.web.people.get(who.name)
    named = operator or person if who.session is not None else None
    expires = datetime.fromtimestamp(who.session.expires, UTC) if who.session is not None else None
    return SessionShown(
        name=who.name, role=who.role, expires_at=expires, display_name=named.display_name if named else "",
        operator=who.session is not None and operator is not None,
        own_password=who.session is not None and desk.logins[who.name].given is None)
