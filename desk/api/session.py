"""/api/login, /api/logout, /api/session, /api/password: how people at screens come in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from desk.audit import audit
from desk.cookies import cookie_name, device_cookie_name, is_secure
from desk.devices import KEPT_S
from desk.ended_sessions import keep_ended
from desk.passwords import device_of, host_of, keep_password, opens, tried
from desk.problems import Refusal, problems
from desk.sessions import Session
from desk.state import Desk
from desk.who import DeskOf, MaybeNewcomer, Newcomer, Who, coming_in, not_logged_in
from ivr.base.roles import Role
from ivr.drivers.log import Log
from ivr.drivers.passwords import MAX_LENGTH, MIN_LENGTH
from ivr.drivers.secrets_file import WebLogin

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
    must_change: Annotated[bool, Field(description="Whether their password was made for them: until they choose "
                                                   "another, this and `POST /api/password` is all they may")] = False


@router.post("/login", summary="Log in; sets the session's cookie", responses=problems(401, 403, 413, 429, 503),
             description="A session that the browser had before ends. Another cookie tells later that this person has "
                         "logged in with this browser: strangers who guess do not use up the attempts of such.")
async def login(desk: DeskOf, request: Request, response: Response, given: Credentials) -> SessionShown:
    host, device = host_of(request), device_of(desk, request, given.login)
    attempt = desk.limit.attempt(given.login, host, device, desk.clock())
    known, now = desk.logins.get(given.login), desk.wall_clock()
    if not await tried(desk, attempt, lambda: opens(known, given.password, now)) or known is None:
        _log.warning("login_refused", host=host)    # without the name: people type passwords into the wrong field
        if desk.limit.is_told(desk.clock()):
            audit(desk, "", "login.refused", known.name if known is not None else "", after={"host": host})
        raise Refusal(401, "wrong_login", "Name or password is wrong.")
    desk.limit.succeeded(attempt)
    before = coming_in(request)
    if before is not None and before.session is not None:
        await _end(desk, before.session)
    session = _begin(desk, request, response, known)
    _set(request, response, device_cookie_name(request), desk.devices.cookie(known.name, device, now), KEPT_S)
    _log.info("logged_in", login=session.name, host=host)
    audit(desk, session.name, "login", after={"host": host})
    return _shown(desk, Who(session.name, session.role, session))


@router.post("/logout", summary="End the session", status_code=204, responses=problems(401, 403))
async def logout(desk: DeskOf, who: Newcomer, request: Request, response: Response) -> None:
    if who.session is not None:
        await _end(desk, who.session)
        _log.info("logged_out", login=who.name)
        audit(desk, who, "logout")
    response.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="strict", secure=is_secure(request))


@router.get("/session", summary="Who is logged in", response_model=SessionShown,
            responses={**problems(401), 204: {"description": "Nobody is, and `quiet` was asked"}})
async def session(desk: DeskOf, who: MaybeNewcomer, quiet: Quiet = False) -> SessionShown | Response:
    if who is None and not quiet:
        raise not_logged_in()
    return Response(status_code=204) if who is None else _shown(desk, who)


@router.post("/password", summary="Choose another password", status_code=204,
             description="Of whoever is logged in. Every session of theirs ends but this one, whose cookie is new. A "
                         "password that config.yaml gives is changed there.",
             responses=problems(401, 403, 409, 413, 429, 503))
async def password(desk: DeskOf, who: Newcomer, request: Request, response: Response, given: NewPassword) -> None:
    if who.session is None:
        raise Refusal(403, "not_yours", "A program has no password.")
    known, now = desk.logins[who.name], desk.wall_clock()
    host, attempt = host_of(request), desk.limit.attempt_own(who.name, desk.clock())
    if not await tried(desk, attempt, lambda: opens(known, given.old, now)):
        _log.warning("password_not_changed", login=who.name, host=host)
        audit(desk, who, "password.refused", who.name, after={"host": host})
        raise Refusal(403, "wrong_password", "The old password is wrong.")
    attempt.give_back()
    if given.new == given.old or given.new.casefold() == who.name.casefold():
        raise Refusal(409, "not_allowed", "The new password is the old one, or the name.")
    _begin(desk, request, response, await keep_password(desk, who.name, given.new))
    _log.info("password_changed", login=who.name, host=host)
    audit(desk, who, "password.change", who.name, after={"host": host})


async def _end(desk: Desk, session: Session) -> None:
    desk.sessions.end(session, desk.wall_clock())
    await run_in_threadpool(keep_ended, Path(desk.config.state_dir), lambda: desk.sessions.ended)


def _begin(desk: Desk, request: Request, response: Response, login: WebLogin) -> Session:
    """A new session with a cookie of its own, whatever the browser brought."""
    cookie, session = desk.sessions.begin(login, desk.wall_clock())
    _set(request, response, cookie_name(request), cookie, int(desk.config.web.session_h * 3600))
    return session


def _set(request: Request, response: Response, name: str, cookie: str, seconds: int) -> None:
    response.set_cookie(name, cookie, max_age=seconds, path="/", httponly=True, samesite="strict",
                        secure=is_secure(request))


def _shown(desk: Desk, who: Who) -> SessionShown:
    operator, person = desk.config.operators.get(who.name), desk.config.web.people.get(who.name)
    named = operator or person if who.session is not None else None
    expires = datetime.fromtimestamp(who.session.expires, UTC) if who.session is not None else None
    return SessionShown(
        name=who.name, role=who.role, expires_at=expires, display_name=named.display_name if named else "",
        operator=who.session is not None and operator is not None,
        own_password=who.session is not None and desk.logins[who.name].given is None,
        must_change=who.session is not None and who.session.one_time)
