"""What is wrong now, and what to do about it: one pure function over what control shows and what the record said."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from desk.alarm_words import WORDS
from desk.channels.channels import Shown

Level = Literal["bad", "warn", "info"]      # callers suffer now; they may soon; nothing is wrong, and it is not usual
LEVELS: tuple[Level, ...] = ("bad", "warn", "info")
FULL, NEARLY_FULL = 0.98, 0.85              # of the streams of a plane that are in use
LATE_FOR = 10.0                             # s for which audio must have come late
FAR_TOO_LONG = 3                            # times the target of a queue
REGISTERED = frozenset(("registered", "refreshing", "leaving_owed", "leaving", "ended", ""))
LATELY = frozenset(("idle", "registering"))         # at the start: nothing to tell yet
MOST = 100


@dataclass(frozen=True)
class Alarm:
    """`code` says what, `subject` of what; `values` fill the words."""

    code: str
    level: Level
    subject: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)

    def words(self, language: Literal["en", "ru"], called: str = "") -> tuple[str, str]:
        """What it is, and what to do. `called`: how the page calls the subject, if not by its name."""
        message, remedy = WORDS[self.code][language]
        filled = {"subject": called or self.subject, **self.values}
        return message.format(**filled), remedy.format(**filled)


@dataclass(frozen=True)
class Situation:
    """`shown`: control's snapshot, None while it is away; `targets`: s, by queue, in which callers should be answered;
    `overdue`: requests by queue; `unaccounted`: differences that were found in the record; `database`: whether it
    answers the pages; `channels`: how those of messengers stand."""

    shown: Mapping[str, Any] | None
    targets: Mapping[str, float] = field(default_factory=dict)
    overdue: Mapping[str, int] = field(default_factory=dict)
    unaccounted: int = 0
    database: bool = True
    channels: tuple[Shown, ...] = ()


def alarms(situation: Situation) -> list[Alarm]:
    """The worst first."""
    return sorted(_all(situation), key=lambda alarm: LEVELS.index(alarm.level))[:MOST]


def _all(situation: Situation) -> Iterator[Alarm]:
    shown = situation.shown
    if shown is None:
        yield Alarm("control_away", "bad")
    else:
        yield from _queues(shown.get("queues", ()), situation.targets)
        yield from _planes(shown.get("plane", {}))
        yield from _trunks(shown.get("trunks", ()))
        yield from _database(shown.get("database", {}))
        yield from _others(shown)
        yield from _orders(shown.get("orders", ()))
    if not situation.database and not (shown or {}).get("database", {}).get("away"):
        yield Alarm("database_not_read", "warn")
    for each in situation.channels:
        if each.state != "ok":
            yield Alarm("channel_fault" if each.state == "fault" else "channel_away", "bad", each.channel,
                        {"reason": each.reason, "number": each.waiting})
    for queue, number in situation.overdue.items():
        if number:
            yield Alarm("requests_overdue", "warn", queue, {"number": number})
    faults = situation.unaccounted + len((shown or {}).get("accounts", {}).get("faults", ()))
    if faults:
        yield Alarm("callers_unaccounted", "warn", values={"number": faults})


def _queues(queues: Iterable[Mapping[str, Any]], targets: Mapping[str, float]) -> Iterator[Alarm]:
    for queue in queues:
        name, waiting = str(queue["name"]), int(queue.get("waiting", 0))
        longest, target = float(queue.get("longest_wait", 0.0)), targets.get(name, 20.0)
        chats = int(queue.get("chats_waiting", 0))
        unserved = (waiting - chats if not queue.get("operators_in_service", 0) else 0) + (
            chats if not queue.get("chats_in_service", 0) else 0)
        if unserved:
            yield Alarm("queue_unstaffed", "bad", name, {"number": unserved})
        elif waiting and longest > target:
            level: Level = "bad" if longest > FAR_TOO_LONG * target else "warn"
            yield Alarm("queue_waits_long", level, name, {"number": waiting, "seconds": int(longest),
                                                          "target": int(target)})


def _planes(plane: Mapping[str, Any]) -> Iterator[Alarm]:
    if not plane.get("up"):
        yield Alarm("plane_away", "bad")
        return
    for worker in plane.get("workers", ()):
        name, streams = str(worker["worker"]), int(worker.get("streams", 0))
        if not worker.get("ready"):
            yield Alarm("worker_away", "warn", name)
        elif streams and worker["in_use"] >= FULL * streams:
            yield Alarm("plane_full", "bad", name, {"in_use": int(worker["in_use"]), "streams": streams})
        elif streams and worker["in_use"] >= NEARLY_FULL * streams:
            yield Alarm("plane_nearly_full", "warn", name, {"in_use": int(worker["in_use"]), "streams": streams})
    late = [clock["late_p99_ms"] for clock in plane.get("clocks", ()) if clock["late_for_s"] >= LATE_FOR]
    if late:
        yield Alarm("audio_late", "warn", values={"ms": round(max(late))})


def _trunks(trunks: Iterable[Mapping[str, Any]]) -> Iterator[Alarm]:
    for trunk in trunks:
        name, registration, ping = (str(trunk.get(key) or "") for key in ("name", "registration", "ping"))
        if registration == "refused":
            yield Alarm("trunk_refused", "bad", name, {"reason": str(trunk.get("reason") or "–")})
        elif registration not in REGISTERED | LATELY:
            yield Alarm("trunk_unregistered", "bad", name, {"reason": str(trunk.get("reason") or "–")})
        elif ping in ("down", "recovering"):
            yield Alarm("trunk_silent", "bad", name, {"reason": str(trunk.get("ping_reason") or "–")})


def _database(database: Mapping[str, Any]) -> Iterator[Alarm]:
    if database.get("spool_full"):
        yield Alarm("spool_full", "bad")
    elif database.get("away"):
        yield Alarm("database_away", "warn")


def _others(shown: Mapping[str, Any]) -> Iterator[Alarm]:
    if shown.get("state") == "draining":
        yield Alarm("draining", "warn")
    menus = shown.get("menus", {})
    if menus.get("refused"):
        yield Alarm("menus_refused", "warn", values={"number": len(menus["refused"])})
    for line in menus.get("lines", ()):
        if line.get("returned"):
            yield Alarm("trial_returned", "warn", str(line["line"]), {"version": str(line["returned"])})
    if shown.get("recordings", {}).get("fault"):
        yield Alarm("recording_failed", "warn")


def _orders(orders: Iterable[Mapping[str, Any]]) -> Iterator[Alarm]:
    for order in orders:
        code = "line_closed" if order["kind"] == "closure" else "line_announcement"
        yield Alarm(code, "info", str(order["line"]), {"by": str(order.get("by") or "–")})
