"""/api/targets: where an operator may send a caller, with who is there."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from desk.problems import problems
from desk.who import DeskOf, Somebody
from ivr.base.config import Config
from ivr.base.numbers import e164
from ivr.base.titles import Titles
from ivr.exchange.outbound import Outbound

router = APIRouter(prefix="/api/targets", tags=["desk"])
MOST = 500          # more nobody reads: they search


class Target(BaseModel):
    """One. What is not said of its kind is null."""

    target: Annotated[str, Field(description="What `POST /api/calls/…/transfer` takes")]
    kind: Literal["operator", "queue", "department", "address", "line", "number"]
    title: Annotated[str, Field(description="Its name as people read it, where `titles` say nothing")]
    titles: Annotated[dict[str, str], Field(description="By language; under the empty one where it is the same in "
                                                        "all; none: as `title`")] = {}
    extension: Annotated[str, Field(description="What phones dial for it; empty: its name alone")] = ""
    may_be_asked: Annotated[bool, Field(description="Whether it can be asked before the caller goes there")]
    free: Annotated[bool | None, Field(description="Of operators: may be rung now. Of queues: somebody is free")] = None
    condition: Annotated[str, Field(description="Of operators: what keeps them, or `free`")] = ""
    status: str = ""
    reachable: bool | None = None
    chats_free: Annotated[bool | None, Field(description="Of operators: may be sent a chat now")] = None
    waiting: Annotated[int | None, Field(description="Of queues: callers")] = None
    operators_idle: int | None = None
    operators_in_service: int | None = None


class Targets(BaseModel):
    """Operators first, who are free before others; then queues, departments, addresses and lines."""

    targets: list[Target]
    cut: Annotated[bool, Field(description=f"There are more than {MOST}: search")]


@router.get("", summary="Where a caller may be sent", responses=problems(401, 503))
async def targets(desk: DeskOf, who: Somebody, q: Annotated[str, Query(
        max_length=64, description="A part of a name, a title or an extension; or a number outside")] = "",
                  chat: Annotated[bool, Query(description="Of who writes: only where somebody reads")] = False,
                  ) -> Targets:
    snapshot = await desk.snapshots.get()
    wanted = q.strip().casefold()
    found = [each for each in _all(desk.config, snapshot, chat=chat)
             if not wanted or any(wanted in word.casefold() for word in _searched(each))]
    found = [each for each in found if (each.kind, each.target) != ("operator", who.name)]
    number = [] if chat else _number(desk.config, q.strip())
    return Targets(targets=[*number, *found][:MOST], cut=len(found) + len(number) > MOST)


def _all(config: Config, snapshot: dict[str, Any], *, chat: bool) -> Iterator[Target]:
    extensions = {name: number for number, name in config.extensions.items()}
    operators = [_operator(config, _for_chats(shown) if chat else shown, extensions)
                 for shown in snapshot.get("operators", ()) if not chat or shown.get("chats_reachable")]
    yield from sorted(operators, key=lambda each: (not each.free, not each.reachable, each.title.casefold()))
    queues = {shown["name"]: _queue_for_chats(shown) if chat else shown for shown in snapshot.get("queues", ())}
    for name, queue in config.queues.items():
        yield _queue("queue", name, queue.title, queues.get(name, {}), extensions)
    for name, to in config.transfers.items():
        if to.address is not None and chat:
            continue
        if to.address is None:
            yield _queue("department", name, to.title, queues.get(to.queue or name, {}), extensions)
        else:
            yield Target(target=name, kind="address", title=_words(name), titles=dict(to.title),
                         extension=extensions.get(name, ""), may_be_asked=True)
    for line in config.lines:
        yield Target(target=line.numbers[0], kind="line", title=", ".join(line.numbers[:3]), titles=dict(line.title),
                     may_be_asked=False)


def _for_chats(shown: dict[str, Any]) -> dict[str, Any]:
    """An operator's record as it is of chats."""
    room = shown["chats"] + shown["chats_offered"] < shown["chats_most"]
    return {**shown, "reachable": shown["chats_reachable"], "state": "idle" if room else "on_call",
            "condition": shown["chats_condition"]}


def _queue_for_chats(shown: dict[str, Any]) -> dict[str, Any]:
    return {"waiting": shown.get("chats_waiting", 0), "operators_idle": shown.get("chats_idle", 0),
            "operators_in_service": shown.get("chats_in_service", 0)}


def _searched(target: Target) -> Iterator[str]:
    yield from (target.target, target.title, *target.titles.values(), target.extension)


def _operator(config: Config, shown: dict[str, Any], extensions: dict[str, str]) -> Target:
    name, known = shown["name"], config.operators.get(shown["name"])
    free = shown["reachable"] and shown["state"] in ("idle", "wrap_up")
    return Target(target=name, kind="operator", title=known.display_name if known and known.display_name else name,
                  extension=extensions.get(name, ""), may_be_asked=True, free=free, condition=shown["condition"],
                  status=shown["status"], reachable=shown["reachable"], chats_free=_has_room(shown))


def _has_room(shown: dict[str, Any]) -> bool:
    """For one more chat, whatever calls they have: control says so as well when it is sent."""
    has = int(shown.get("chats", 0)) + int(shown.get("chats_offered", 0))
    return bool(shown.get("chats_reachable")) and has < int(shown.get("chats_most", 0))


def _queue(kind: Literal["queue", "department"], name: str, titles: Titles, shown: dict[str, Any],
           extensions: dict[str, str]) -> Target:
    idle = int(shown.get("operators_idle", 0))
    return Target(target=name, kind=kind, title=_words(name), titles=dict(titles), extension=extensions.get(name, ""),
                  may_be_asked=False, free=idle > 0, waiting=int(shown.get("waiting", 0)), operators_idle=idle,
                  operators_in_service=int(shown.get("operators_in_service", 0)))


def _number(config: Config, asked: str) -> list[Target]:
    """A number of the telephone network, where the house permits it."""
    number = e164(asked, config.country)
    if not number or not Outbound(config.outbound).permits(number):
        return []
    return [Target(target=number, kind="number", title=number, may_be_asked=True)]


def _words(name: str) -> str:
    return name.replace("_", " ")
