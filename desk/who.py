"""Who asks: a program with the token, or a person with a session."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from desk.problems import Refusal
from desk.sessions import Session
from desk.state import Desk, desk_of

COOKIE = "hotline_session"

_bearer = HTTPBearer(auto_error=False, description="The token in `api-token` in the folder `state_dir`.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by `POST /api/login`.")


@dataclass(frozen=True)
class Who:
    """`session` is None for a program."""

    name: str
    role: Literal["admin", "operator"]
    session: Session | None = None


def identify(desk: Desk, token: str | None, cookie: str | None) -> Who | None:
    """Who a token or a cookie belongs to; a token that is wrong is not made good by a cookie."""
    if token is not None:
        right = secrets.compare_digest(token.encode(), desk.secrets.api_token.encode())
        return Who("api", "admin") if right else None
    session = desk.sessions.check(cookie, desk.wall_clock()) if cookie is not None else None
    if session is None:
        return None
    return Who(session.name, "admin" if session.role == "admin" else "operator", session)


def somebody(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
             cookie: Annotated[str | None, Depends(_cookie)]) -> Who:
    """Whoever asks. Refuses strangers with 401."""
    who = identify(desk_of(request), bearer.credentials if bearer else None, cookie)
    if who is None:
        raise Refusal(401, "not_logged_in", "A login or a token is needed.", {"WWW-Authenticate": "Bearer"})
    return who


Somebody = Annotated[Who, Depends(somebody)]
DeskOf = Annotated[Desk, Depends(desk_of)]
