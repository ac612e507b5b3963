"""The passwords of people, tried and changed: bounded, one at a time, and written into the file of secrets."""

import math
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

from desk.cookies import device_cookie_name
from desk.login_limit import Attempt
from desk.problems import Refusal
from desk.state import Desk
from ivr.drivers.secrets_file import WebLogin, accept_nobody, change_web_password

T = TypeVar("T")


def host_of(request: Request) -> str:
    """Where it comes from."""
    return request.client.host if request.client else ""


def device_of(desk: Desk, request: Request, name: str) -> str:
    """The id of a browser in which that very person has logged in before; "" for any other."""
    return desk.devices.check(request.cookies.get(device_cookie_name(request), ""), name, desk.wall_clock())


async def tried(desk: Desk, attempt: Attempt, work: Callable[[], T]) -> T:
    """What `work` says of a password. Raises Refusal 429 for too many attempts, 503 where too many people wait."""
    if attempt.wait:
        seconds = str(math.ceil(attempt.wait))
        raise Refusal(429, "too_many_attempts", f"Too many attempts; try again in {seconds} s.",
                      {"Retry-After": seconds})
    try:
        return await desk.turns.check(attempt.key, attempt.known, work)
    except Refusal:
        attempt.give_back()         # it was not looked at
        raise


def opens(known: WebLogin | None, password: str, now: float) -> bool:
    """Whether it is the password of this login, at `now` (s since the epoch). Blocks, as long for nobody's."""
    if known is None:
        return accept_nobody(password)
    return known.accepts(password) and (known.one_time_until is None or now < known.one_time_until)


async def keep_password(desk: Desk, name: str, password: str, until: float | None = None) -> WebLogin:
    """Another password for somebody: every session of theirs ends. `until`: they must change it by then. Raises
    Refusal 409 where config.yaml gives it."""
    if desk.logins[name].given is not None:
        raise Refusal(409, "given", "config.yaml gives this password: it is changed there.")
    desk.logins[name] = changed = await desk.turns.check(
        f"new {name}", True, lambda: change_web_password(desk.config, name, password, until))
    return changed
