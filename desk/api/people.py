"""/api/people: who may log in at the pages, and a new password for who has forgotten theirs. Administrators' alone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path as File
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from desk.audit import audit
from desk.passwords import keep_password
from desk.problems import Refusal, problems
from desk.state import Desk
from desk.who import Admin, DeskOf
from ivr.base.errors import AdminError
from ivr.base.roles import Role
from ivr.drivers import first_passwords
from ivr.drivers.passwords import make_password
from ivr.drivers.secrets_file import WebLogin

HOLDS_S = 3 * 24 * 3600         # a password that was made for somebody
router = APIRouter(prefix="/api/people", tags=["people"])
Name = Annotated[str, Path(max_length=64, description="A login of the pages")]
Kind = Literal["own", "first", "one_time", "given"]


class Person(BaseModel):
    """Somebody who may log in."""

    name: str
    display_name: str
    role: Role
    operator: Annotated[bool, Field(description="Whether they answer calls")]
    password: Annotated[Kind, Field(description="`own`: they chose it; `first`: the one of first-passwords.txt; "
                                                "`one_time`: made by an administrator; `given`: config.yaml gives it")]
    one_time_until: Annotated[datetime | None, Field(description="Until when a `one_time` password opens")]
    last_login_at: Annotated[datetime | None, Field(description="As far as the audit log knows")]


class People(BaseModel):
    """All, in the order of config.yaml; who is not listed there may not log in."""

    people: list[Person]


class MadePassword(BaseModel):
    """A password for one login, at which another one is chosen."""

    password: Annotated[str, Field(description="Shown this once")]
    until: datetime


@router.get("", summary="Who may log in", responses=problems(401, 403, 503))
def people(desk: DeskOf, who: Admin) -> People:
    desk.audit.flush()
    logins, first = desk.audit.kept.latest("login"), _first(desk)
    return People(people=[_shown(desk, login, first, logins) for login in desk.logins.values()])


@router.post("/{person}/password", status_code=201, summary="Make a new password for somebody; it is shown this once",
             description="Every session of theirs ends. At the next login they must choose another one.",
             responses=problems(401, 403, 404, 409, 503))
async def make(desk: DeskOf, who: Admin, person: Name) -> MadePassword:
    if person not in desk.logins:
        raise Refusal(404, "not_found", "There is no such person in config.yaml.")
    if who.is_person(person):
        raise Refusal(409, "yourself", "Your own password is changed at the page Account, with the one you have.")
    made, until = make_password(), desk.wall_clock() + HOLDS_S
    await keep_password(desk, person, made, until)
    at = datetime.fromtimestamp(until, UTC)
    audit(desk, who, "people.password", person, after={"until": at.isoformat()})
    return MadePassword(password=made, until=at)


def _first(desk: Desk) -> frozenset[str]:
    """Who has not changed the password that the service made. Blocks."""
    try:
        found = first_passwords.read(File(desk.config.state_dir) / "first-passwords.txt")
    except AdminError:          # others may read it: the start says so
        return frozenset()
    return frozenset(one.owner for one in found if one.use == "web")


def _shown(desk: Desk, login: WebLogin, first: frozenset[str], logins: Mapping[str, datetime]) -> Person:
    operator, person = desk.config.operators.get(login.name), desk.config.web.people.get(login.name)
    named, until = operator or person, login.one_time_until
    return Person(
        name=login.name, display_name=named.display_name if named else "", role=login.role,
        operator=operator is not None, password=_kind(login, first), last_login_at=logins.get(login.name),
        one_time_until=datetime.fromtimestamp(until, UTC) if until is not None else None)


def _kind(login: WebLogin, first: frozenset[str]) -> Kind:
    if login.given is not None:
        return "given"
    if login.one_time_until is not None:
        return "one_time"
    return "first" if login.name in first else "own"
