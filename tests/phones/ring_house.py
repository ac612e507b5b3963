"""The house of test_phone_ring.py: each scene has lines, queues and operators of its own in it."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from tests.phones.rack import Handset, Rack, pause
from tests.phones.record import call_of, offers
from tests.phones.stage import Stage
from tests.support.service import wait_for

CARRIER, BRANCHES = "127.0.89.250", "127.0.89.251"      # outside: a trunk, and addresses of `transfers`
NOW_AND_THEN = 0.15          # seconds
QUIET = {"announce_every_s": 0, "ring_time_s": 60, "empty_grace_s": 60}

Queues = Mapping[str, Mapping[str, Any]]        # by the number that leads there


def name_of(number: str) -> str:
    return f"queue_{number}"


def config_of(folder: Path, host: str, queues: Queues, menus: Mapping[str, Any], transfers: Mapping[str, Any],
              more: Iterable[str]) -> dict[str, Any]:
    """The settings of `running_service`: who dials the number of a queue waits in it. `menus`: what else the lines
    have; `more`: operators whom no queue has."""
    lines = []
    for number in queues:
        file = folder / f"{number}.yaml"
        file.write_text(yaml.safe_dump({
            "languages": ["en", "ru"], "start": "first", "prompts": {"goodbye": {"en": "Goodbye.", "ru": "-"}},
            "defaults": {"on_failure": {"queue": name_of(number)}},
            "menus": {"first": {"do": [{"queue": name_of(number)}]}, **menus.get(number, {})}}))
        lines.append({"numbers": [number], "menu": str(file)})
    named = [name for queue in queues.values()
             for name in (*queue["operators"], *(one for tier in queue.get("tiers", ()) for one in tier["operators"]))]
    password = {"phone_password_file": str(folder / "password"), "web_password_file": str(folder / "password")}
    return {
        "host": host, "ports": "16384-17383", "lines": lines, "country": "RU",
        "sip": {"max_calls": 250}, "media": {"media_lost_after_s": 300},
        "queues": {name_of(number): QUIET | queue for number, queue in queues.items()},
        "operators": dict.fromkeys([*named, *more], password), "transfers": transfers,
        "outbound": {"allow": ["+7495"], "max_calls": 50},
        "trunks": [{"name": "carrier", "addresses": [CARRIER], "target": CARRIER, "caller_id": "+74950000000"}]}


class Line:
    """The callers of one line, and whom they ring, on a rack of telephones of its own."""

    def __init__(self, stage: Stage, number: str, rack: Rack) -> None:
        self.stage, self.number, self.rack = stage, number, rack
        self.callers: list[Handset] = []
        self.with_: dict[str, Handset] = {}     # with whom each operator talks

    def comes(self) -> Handset:
        """Another caller dials, and is answered by the menu."""
        caller = self.rack[f"{self.number}{len(self.callers) + 1:03}"]
        self.callers.append(caller)
        self.stage.callers.append(caller.name)
        caller.call(self.number)
        return caller

    def rings(self) -> str:
        """Another caller comes: whose telephone that rings. They answer at once, and talk on."""
        since = len(self.rack.events)
        caller = self.comes()
        name = str(self.rack.until(lambda: self.rack.rang(since), f"nobody was rung for {caller.name}")[0])
        self.talks(name, caller)
        return name

    def talks(self, name: str, caller: Handset) -> None:
        """Wait until this operator, whose telephone answers whoever rings, has the caller."""
        self.rack[name].wait("state", self.rack[name].rings, state="CONFIRMED")
        self.with_[name] = caller

    def ends(self, name: str) -> None:
        """The operator hangs up, and is free: their phone has our 200."""
        self.rack[name].hang_up()
        self.with_.pop(name).over(1)

    def over(self, *names: str) -> None:
        """These operators hang up."""
        for name in names:
            self.ends(name)

    def served_by(self) -> list[str]:
        """Who served the callers, in the order in which they came, as the record has it: each was rung alone."""
        calls = [self.stage.call_of(caller.name) for caller in self.callers]
        assert {call["call"]["outcome"] for call in calls} == {"answered"}
        assert [offers(call) for call in calls] == [[call["call"]["operator"]] for call in calls]
        assert all(len(call["requests"]) == 1 for call in calls)
        return [str(call["call"]["operator"]) for call in calls]


def asked(found: Callable[[], Any], timeout: float, what: str) -> Any:
    """Ask the service now and then until it has what is to come; two dozen scenes ask."""
    return wait_for(lambda: found() or pause(NOW_AND_THEN), timeout, what)


def rows_of(stage: Stage, caller: Handset) -> dict[str, Any]:
    """The ended call of a caller."""
    return call_of(stage.service, caller.name, 20)


def now(stage: Stage, caller: Handset) -> dict[str, Any]:
    """The caller's call while it goes on, as the record has it so far."""
    rows = asked(lambda: stage.service.api(f"/api/calls?caller_number={quote(caller.name)}")["items"], 30,
                 f"there is no row of {caller.name}")
    found: dict[str, Any] = stage.service.api(f"/api/calls/{rows[0]['id']}")
    return found


def at(call: Mapping[str, Any], kind: str, **details: Any) -> str:
    """When the first entry of this kind was written (text, in order of time)."""
    return next(entry["at"] for entry in call["entries"]
                if entry["kind"] == kind and details.items() <= entry["details"].items())
