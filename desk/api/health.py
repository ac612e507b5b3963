"""/health: whether calls can be answered now. For load balancers and whoever is woken at night; it needs no login."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from desk.state import Desk
from desk.who import DeskOf
from ivr.drivers.control_link import ControlAway, ControlRefused

router = APIRouter(tags=["operation"])

DATABASE_TIMEOUT = 2.0      # seconds; a database that answers later is of no use to a page either


class Check(BaseModel):
    """One part of the service."""

    ok: bool
    detail: Annotated[str, Field(description="What is wrong; empty if nothing is")] = ""


class Health(BaseModel):
    """`ok` only if every check is."""

    state: Literal["ok", "draining", "failing"]
    checks: dict[Literal["control", "plane", "database", "spool"], Check]


@router.get("/health", summary="Whether calls can be answered now",
            responses={503: {"model": Health, "description": "Something is wrong, or the service is ending"}})
async def health(desk: DeskOf, response: Response) -> Health:
    snapshot, control = await _control(desk)
    database = snapshot.get("database", {})
    checks: dict[Any, Check] = {
        "control": control,
        "plane": _check(bool(snapshot.get("plane", {}).get("up")), "no audio: the media plane is away"),
        "database": await _database(desk, bool(database.get("away"))),
        "spool": _check(not database.get("spool_full"), "the spool is full: new calls are refused"),
    }
    state: Literal["ok", "draining", "failing"] = "ok" if all(check.ok for check in checks.values()) else "failing"
    if state == "ok" and snapshot.get("state") != "running":
        state = "draining"
    response.status_code = 200 if state == "ok" else 503
    return Health(state=state, checks=checks)


async def _control(desk: Desk) -> tuple[dict[str, Any], Check]:
    try:
        return await desk.snapshots.get(), Check(ok=True)
    except (ControlAway, ControlRefused) as error:
        return {}, Check(ok=False, detail=str(error))


async def _database(desk: Desk, spooling: bool) -> Check:
    if spooling:
        return Check(ok=False, detail="control can't write to the database; the spool keeps what happens")
    if not await desk.database.answers(DATABASE_TIMEOUT):
        return Check(ok=False, detail="the database does not answer")
    return Check(ok=True)


def _check(ok: bool, detail: str) -> Check:
    return Check(ok=ok, detail="" if ok else detail)
