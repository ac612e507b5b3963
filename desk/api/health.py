"""/health: whether calls can be answered now. For load balancers, which look at the status alone, and for whoever is
woken at night, who reads the rest; it needs no login."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from desk.channels.channels import Shown
from desk.state import Desk
from desk.who import DeskOf
from ivr.drivers.control_link import ControlAway, ControlRefused

router = APIRouter(tags=["operation"])

DATABASE_TIMEOUT = 2.0      # seconds; a database that answers later is of no use to a page either
LATE_FOR = 10.0             # seconds for which audio must have come late: three figures of the plane in a row
State = Literal["ok", "degraded", "draining", "failing"]


class Check(BaseModel):
    """One part of the service."""

    ok: bool
    detail: Annotated[str, Field(description="What is wrong, or out of the ordinary; empty if nothing is")] = ""


class Worker(BaseModel):
    """One of the processes that carry the audio: its streams, of which a call in it has one or two."""

    worker: int
    ready: bool
    streams: int
    in_use: int
    free: int


class Health(BaseModel):
    """`ok` only if every check is; `degraded`: calls are answered, though the spool keeps what the database can't take,
    audio comes late, a worker is away and the others have its calls, the last recording failed, a changed menu is not
    used, somebody who called is not accounted for, or a channel of messages is away."""

    state: State
    checks: dict[Literal["control", "plane", "workers", "clock", "database", "spool", "recordings", "menus",
                         "lines", "accounts", "channels"], Check]
    workers: list[Worker]


@router.get("/health", summary="Whether calls can be answered now",
            responses={200: {"description": "New calls are answered: the state is `ok`, or `degraded`"},
                       503: {"model": Health, "description": "New calls are not answered: something is wrong, or the "
                                                            "service is ending"}})
async def health(desk: DeskOf, response: Response) -> Health:
    found = await health_now(desk)
    response.status_code = 200 if found.state in ("ok", "degraded") else 503
    return found


async def health_now(desk: Desk) -> Health:
    """All of it, asked now."""
    snapshot, control = await _control(desk)
    database = snapshot.get("database", {})
    plane = snapshot.get("plane", {})
    workers = [Worker.model_validate(worker) for worker in plane.get("workers", ())]
    checks: dict[Any, Check] = {
        "control": control,
        "plane": _check(bool(plane.get("up")), "no audio: the media plane is away"),
        "workers": _workers(workers),
        "clock": _clock(plane.get("clocks", ())),
        "database": await _database(desk, bool(database.get("away"))),
        "spool": _check(not database.get("spool_full"), "the spool is full: new calls are refused"),
        "recordings": _recordings(snapshot.get("recordings", {})),
        "menus": _menus(snapshot.get("menus", {})),
        "lines": _lines(snapshot.get("orders", ())),
        "accounts": _accounts(snapshot.get("accounts", {}), desk),
        "channels": _channels(desk.channels.shown()),
    }
    state = _state({name for name, check in checks.items() if not check.ok}, snapshot.get("state") == "running")
    return Health(state=state, checks=checks, workers=workers)


def _state(failed: set[str], running: bool) -> State:
    """A database that is away stops no call while the spool has room; late audio, and that of one worker less, is
    better than none; no call needs to be recorded; where a menu was refused, calls go on with the last good one; and
    where callers are not accounted for, they were at least heard; messages wait for their channel."""
    if failed - {"database", "clock", "workers", "recordings", "menus", "accounts", "channels"}:
        return "failing"
    if not running:
        return "draining"
    return "degraded" if failed else "ok"


async def _control(desk: Desk) -> tuple[dict[str, Any], Check]:
    try:
        return await desk.snapshots.get(), Check(ok=True)
    except (ControlAway, ControlRefused) as error:
        return {}, Check(ok=False, detail=str(error))


def _workers(workers: list[Worker]) -> Check:
    away = [str(worker.worker) for worker in workers if not worker.ready]
    return _check(not away, f"away, of {len(workers)} workers of the media plane: {', '.join(away)}")


def _clock(clocks: Iterable[Mapping[str, Any]]) -> Check:
    late = [clock["late_p99_ms"] for clock in clocks if clock["late_for_s"] >= LATE_FOR]
    if not late:
        return Check(ok=True)
    return Check(ok=False, detail=f"audio comes late: every hundredth turn by {max(late):.0f} ms or more; "
                                  "the machine has too little time for it")


async def _database(desk: Desk, spooling: bool) -> Check:
    if spooling:
        return Check(ok=False, detail="control can't write to the database; the spool keeps what happens")
    if not await desk.database.answers(DATABASE_TIMEOUT):
        return Check(ok=False, detail="the database does not answer")
    return Check(ok=True)


def _recordings(shown: dict[str, Any]) -> Check:
    fault = shown.get("fault", "")
    return _check(not fault, f"the last recording that failed: {fault}")


def _menus(shown: dict[str, Any]) -> Check:
    """Whoever is not logged in reads no paths of this machine here, and no words out of its files."""
    refused = shown.get("refused", [])
    if refused:
        return Check(ok=False, detail=f"a change is not used; faults: {len(refused)} (hotline menu status)")
    returned = [line for line in shown.get("lines", ()) if line["returned"]]
    return _check(not returned, "a trial lost more callers and was taken back: " + ", ".join(
        f"line {line['line']}, version {line['returned']}" for line in returned))


def _accounts(shown: Mapping[str, Any], desk: Desk) -> Check:
    """Somebody is not accounted for: no call is in danger, but no figure is to be trusted. Whoever is not logged in
    reads no ids of calls here."""
    in_calls, in_record = len(shown.get("faults", ())), len(desk.accounts.differences)
    return _check(not (in_calls or in_record), "callers are not accounted for; faults in the calls in progress: "
                  f"{in_calls}, in the record: {in_record} (the log names them; hotline report --check)")


def _lines(orders: Iterable[Mapping[str, Any]]) -> Check:
    """What somebody ordered is no fault, but who looks for one should see it."""
    return Check(ok=True, detail=", ".join(
        f"line {order['line']} {'is closed' if order['kind'] == 'closure' else 'has an announcement'} "
        f"({order['prompt']}, by {order['by']}, since {order['since'][:16]} UTC"
        f"{', until ' + order['until'][:16] + ' UTC' if order['until'] else ''})" for order in orders))


def _channels(channels: Sequence[Shown]) -> Check:
    away = [each for each in channels if each.state != "ok"]
    return _check(not away, "; ".join(f"{each.channel}: {each.reason}, since {each.since:%Y-%m-%d %H:%M} UTC, messages "
                                      f"that wait: {each.waiting}" for each in away))


def _check(ok: bool, detail: str) -> Check:
    return Check(ok=ok, detail="" if ok else detail)
