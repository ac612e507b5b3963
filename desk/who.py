"""Who asks: a program with a token, or a person with a session; and which role a route needs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from desk.cookies import COOKIE, SECURE_COOKIE, cookie_name
from desk.problems import Refusal
from desk.sessions import Session
from desk.state import Desk, desk_of
from ivr.base.roles import Role, at_least

MEANINGS = {"operator": "people of this house", "supervisor": "supervisors", "admin": "administrators"}

_bearer = HTTPBearer(auto_error=False, description="The token in `api-token` in the folder `state_dir`, or one of "
                                                   "`/api/tokens`.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by `POST /api/login`; over https it is called "
                                                                  f"`{SECURE_COOKIE}`.")


@dataclass(frozen=True)
class Who:
    """`session` is None for a program. No name of a program is one that a person can have: each has a `:` in it, but
    for `api`, the token of the file."""

    name: str
    role: Role
    session: Session | None = None

    def may(self, least: Role) -> bool:
        """Whether they may what `least` may."""
        return at_least(self.role, least)

    def is_person(self, name: str) -> bool:
        """Whether this is that person, logged in: a program is nobody."""
        return self.session is not None and self.name == name


def coming_in(connection: HTTPConnection) -> Who | None:
    """Who is logged in where this request or WebSocket comes from, also with a password that was made for them and
    opens nothing until they choose another one. Reads no database and does not block."""
    desk: Desk = connection.app.state.desk
    cookie = connection.cookies.get(cookie_name(connection))
    session = desk.sessions.check(cookie, desk.wall_clock()) if cookie is not None else None
    return None if session is None else Who(session.name, session.role, session)


def person(connection: HTTPConnection) -> Who | None:
    """Who is logged in there, and may use what is theirs."""
    who = coming_in(connection)
    return None if who is None or who.session is None or who.session.one_time else who


def program(desk: Desk, token: str) -> Who | None:
    """Whose token this is. May ask the database."""
    if secrets.compare_digest(token.encode(), desk.secrets.api_token.encode()):
        return Who("api", "admin")
    found = desk.tokens.role_of(token)
    return None if found is None else Who(f"token:{found[0]}", found[1])


def anybody(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
            cookie: Annotated[str | None, Depends(_cookie)]) -> Who | None:
    """Whoever asks, None for strangers; a token that is wrong is not made good by a cookie."""
    return program(desk_of(request), bearer.credentials) if bearer is not None else person(request)


def not_logged_in() -> Refusal:
    return Refusal(401, "not_logged_in", "A login or a token is needed.", {"WWW-Authenticate": "Bearer"})


def somebody(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
             cookie: Annotated[str | None, Depends(_cookie)]) -> Who:
    """Whoever asks. Refuses strangers with 401, and who has yet to choose a password with 403."""
    who = anybody(request, bearer, cookie)
    if who is not None:
        return who
    if bearer is None and coming_in(request) is not None:
        raise Refusal(403, "password_to_choose", "This password was made for you: choose one of your own first.")
    raise not_logged_in()


def newcomer(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
             cookie: Annotated[str | None, Depends(_cookie)]) -> Who | None:
    """Whoever asks, None for strangers; also who has yet to choose a password."""
    return program(desk_of(request), bearer.credentials) if bearer is not None else coming_in(request)


def known_newcomer(who: Annotated[Who | None, Depends(newcomer)]) -> Who:
    """The same. Refuses strangers with 401."""
    if who is None:
        raise not_logged_in()
    return who


Somebody = Annotated[Who, Depends(somebody)]
Newcomer = Annotated[Who, Depends(known_newcomer)]
MaybeNewcomer = Annotated[Who | None, Depends(newcomer)]


def needs(least: Role) -> Callable[[Who], Who]:
    """A dependency that refuses whoever has less than that role."""

    def check(who: Somebody) -> Who:
        if not who.may(least):
            raise Refusal(403, "not_yours", f"This is for {MEANINGS[least]}.")
        return who

    return check


supervisor, admin = needs("supervisor"), needs("admin")
Supervisor = Annotated[Who, Depends(supervisor)]
Admin = Annotated[Who, Depends(admin)]
DeskOf = Annotated[Desk, Depends(desk_of)]
